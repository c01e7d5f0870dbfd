"""The clause catalogue that is shipped with the package."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from ...errors import UnknownName, closest
from ...values import Severity
from . import _read as read
from ._model import Clause


@dataclass(frozen=True)
class Regime:
    """A regime that applies only where it is declared: its flag, and the fields and columns that say so, too."""

    flag: str
    regulation: str
    what: str
    fields: tuple[str, ...]
    columns: tuple[str, ...] = ()
    unless: str = ""
    """A field that takes the table out when it is declared to be no."""


@dataclass(frozen=True)
class Bound:
    """Whom a regulation binds: the flags by which that is declared, and the fields that only whom it binds declares."""

    flags: tuple[str, ...]
    what: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Clauses, the metadata fields they ask for, what each field has to be (``kinds``), and the version of it all."""

    version: str
    clauses: tuple[Clause, ...]
    fields: Mapping[str, str]
    kinds: Mapping[str, str]
    regimes: Mapping[str, Regime]
    bound: Mapping[str, Bound]

    @property
    def regulations(self) -> tuple[str, ...]:
        """The regulations in order."""
        return tuple(dict.fromkeys(c.regulation for c in self.clauses))

    def select(self, regulations: tuple[str, ...] = (), clauses: tuple[str, ...] = ()) -> tuple[Clause, ...]:
        """Clauses of these regulations, or these clauses; all without either.

        >>> len(catalogue().select(("hipaa",), ())), catalogue().select((), ("gdpr-17",))[0].id
        (31, 'GDPR-17')
        """
        wanted = {regulation_named(r, self.regulations) for r in regulations}
        ids = {i for c in clauses for i in clauses_named(c, self.clauses)}
        if not wanted and not ids:
            return self.clauses
        return tuple(c for c in self.clauses if c.regulation in wanted or c.id in ids)

    def taken(self, clauses: tuple[str, ...]) -> str:
        """What the names stand for that are only the beginning of clauses, in words; blank without such.

        >>> catalogue().taken(("GDPR-32", "GDPR-17"))
        '`GDPR-32` is taken as GDPR-32.1.a, GDPR-32.1.b.'
        """
        meant = {str(c): clauses_named(c, self.clauses) for c in clauses}
        below = {c: ids for c, ids in meant.items() if all(read.word(c) != read.word(i) for i in ids)}
        return " ".join(f"`{c}` is taken as {_listed(ids)}." for c, ids in below.items())


def _listed(ids: tuple[str, ...]) -> str:
    return ", ".join(ids) if len(ids) <= 6 else f"the {len(ids)} clauses from {ids[0]} to {ids[-1]}"


def catalogue_bytes() -> bytes:
    """The catalogue as it is shipped."""
    return files(__package__).joinpath("clauses.yaml").read_bytes()


@functools.cache
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    import yaml

    data = yaml.load(catalogue_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe loaders; the C one is ten times faster)
    return Catalogue(
        version=str(data["version"]),
        clauses=tuple(_clause(entry) for entry in data["clauses"]),
        fields=data["fields"],
        kinds={field: kind for kind, fields in data["kinds"].items() for field in fields},
        regimes={name: _regime(entry) for name, entry in data["regimes"].items()},
        bound={name: Bound(tuple(e["flags"]), e["what"], tuple(e["fields"])) for name, e in data["bound"].items()},
    )


def _regime(entry: Mapping[str, Any]) -> Regime:
    lists = {k: tuple(entry.get(k, ())) for k in ("fields", "columns")}
    return Regime(**{**entry, **lists})


def _clause(entry: Mapping[str, Any]) -> Clause:
    lists = {k: tuple(entry.get(k, ())) for k in ("types", "declares", "needs", "uses", "see")}
    return Clause(**{**entry, **lists, "severity": Severity(entry["severity"])})


_ALIASES = {
    "cpra": "CCPA",
    "ccpacpra": "CCPA",
    "pci": "PCI_DSS_4.0.1",
    "pcidss": "PCI_DSS_4.0.1",
    "pdpa": "PDPA_SG",
    "aia": "EU_AI_ACT",
    "aiact": "EU_AI_ACT",
    "euaiact": "EU_AI_ACT",
    "bcbs": "BCBS239",
}


def regulation_of(name: Any, known: Sequence[str]) -> str | None:
    """The regulation of a name as people write it; None where it is none of these.

    >>> regulation_of("pci", catalogue().regulations), regulation_of("bcbs 239", catalogue().regulations)
    ('PCI_DSS_4.0.1', 'BCBS239')
    """
    folded = "".join(c for c in str(name).casefold() if c.isalnum())
    same = next((r for r in known if folded == "".join(c for c in r.casefold() if c.isalnum())), _ALIASES.get(folded))
    return same if same in known else None


def regulation_named(name: str, known: tuple[str, ...]) -> str:
    """The regulation of a name, or an error that says which there are."""
    found = regulation_of(name, known)
    if found is None:
        raise UnknownName("regulation", str(name), known=known)
    return found


def clauses_named(name: str, known: tuple[Clause, ...]) -> tuple[str, ...]:
    """The id of a clause, whatever its case; of a part of the law, such as an article, all clauses below it.

    >>> clauses_named("gdpr-17", catalogue().clauses), clauses_named("GDPR-32", catalogue().clauses)
    (('GDPR-17',), ('GDPR-32.1.a', 'GDPR-32.1.b'))
    """
    ids = tuple(c.id for c in known)
    found = tuple(i for i in ids if same_clause(i, name)) or below(name, ids)
    if not found:
        raise UnknownName("clause", str(name), known=ids, hint=clause_hint(str(name), ids))
    return found


def same_clause(one: str, other: str) -> bool:
    """Whether two names are of one clause, however it is written.

    >>> same_clause("gdpr 17", "GDPR-17")
    True
    """
    return read.word(one) == read.word(other)


def below(name: str, ids: Sequence[str]) -> tuple[str, ...]:
    """The clauses of which a name is the beginning, up to the end of one of its parts."""
    start = f"{read.word(name)}_"
    return tuple(i for i in ids if read.word(i).startswith(start))


def meant(name: str, ids: Sequence[str]) -> tuple[str, ...]:
    """The clauses that a name which is none may mean: those of the nearest part of the law that there is.

    Only a law that is not known is looked for by its spelling: of two numbers that look alike neither means the other.

    >>> ids = ("GDPR-5.2", "GDPR-25.2", "GDPR-32.1.a", "GDPR-32.1.b")
    >>> meant("GDPR-322", ids), meant("GDPR-52", ids), meant("GPDR-25.2", ids), meant("GDPR-99", ids)
    (('GDPR-32.1.a', 'GDPR-32.1.b'), ('GDPR-5.2',), ('GDPR-25.2',), ())
    """
    part = read.word(name)
    run_together = tuple(i for i in ids if _bare(i) == _bare(name))
    if run_together:
        return run_together
    while "_" in part:  # the law alone is no part of it
        found = (*(i for i in ids if read.word(i) == part), *below(part, ids))
        if found:
            return found[:3]
        part = part[:-1].rstrip("_")
    near = None if below(part, ids) else closest(name, ids)
    return (near,) if near else ()


def _bare(name: str) -> str:
    return read.word(name).replace("_", "")


def clause_hint(name: str, ids: Sequence[str]) -> str:
    """What to write in place of a clause that there is not, or blank."""
    near = meant(name, ids)
    if near:
        return f"Did you mean {' or '.join(f'`{n}`' for n in near)}?"
    law = [i for i in ids if read.word(i).partition("_")[0] == read.word(name).partition("_")[0]]
    return f"Of this law there are {', '.join(law[:8])}{', …' if len(law) > 8 else ''}." if law else ""


def clause_list(names: Iterable[str]) -> str:
    """Clauses for reading, in the order of the catalogue: four and more that stand in a row as the first and the last.

    >>> clause_list(["GDPR-17", "LGPD-6"]), clause_list(c.id for c in catalogue().clauses if c.regulation == "BCBS239")
    ('GDPR-17, LGPD-6', 'BCBS-2 to BCBS-7 (6)')
    """
    places = {c.id: i for i, c in enumerate(catalogue().clauses)}
    runs: list[list[str]] = []
    for name in sorted({*names}, key=lambda n: places.get(n, -1)):
        follows = runs and name in places and places.get(runs[-1][-1]) == places[name] - 1
        runs = [*runs[:-1], [*runs[-1], name]] if follows else [*runs, [name]]
    return ", ".join(f"{r[0]} to {r[-1]} ({len(r)})" if len(r) > 3 else ", ".join(r) for r in runs)
