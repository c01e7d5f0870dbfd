"""The clause catalogue that is shipped with the package."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from ...errors import UnknownName
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
        ids = {clause_named(c, self.clauses) for c in clauses}
        if not wanted and not ids:
            return self.clauses
        return tuple(c for c in self.clauses if c.regulation in wanted or c.id in ids)


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
    "pci": "PCI_DSS_4.0.1",
    "pcidss": "PCI_DSS_4.0.1",
    "pdpa": "PDPA_SG",
    "aia": "EU_AI_ACT",
    "aiact": "EU_AI_ACT",
    "euaiact": "EU_AI_ACT",
    "bcbs": "BCBS239",
}


def regulation_named(name: str, known: tuple[str, ...]) -> str:
    """The regulation of a name as people write it.

    >>> regulation_named("pci", catalogue().regulations), regulation_named("bcbs 239", catalogue().regulations)
    ('PCI_DSS_4.0.1', 'BCBS239')
    """
    folded = "".join(c for c in str(name).casefold() if c.isalnum())
    for regulation in known:
        if folded == "".join(c for c in regulation.casefold() if c.isalnum()):
            return regulation
    if folded in _ALIASES:
        return _ALIASES[folded]
    raise UnknownName("regulation", str(name), known=known)


def clause_named(name: str, known: tuple[Clause, ...]) -> str:
    """The id of a clause, whatever its case."""
    found = next((c.id for c in known if read.word(c.id) == read.word(name)), None)
    if found is None:
        raise UnknownName("clause", str(name), known=[c.id for c in known])
    return found
