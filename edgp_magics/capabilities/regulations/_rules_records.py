"""Rules on what is declared: lawful basis, purposes, records, contracts, transfers, retention of records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ...values import plural
from . import _read as read
from ._case import Case
from ._model import Clause, Hits, Verdict, failed, not_applicable, not_assessed, not_found, passed, warned

Rule = Callable[[Case, Clause], Verdict]


def declared(case: Case, clause: Clause) -> Verdict:
    """Fields have to be on record; the engine says which are not."""
    said = ", ".join(f"`{f}`" for name in clause.declares for f in name.split("|") if case.metadata.has(f))
    columns = case.personal if clause.scope == "personal" else ()
    return passed(f"On record: {said}. Whether it is right a person has to judge.", columns=columns)


def one_of(case: Case, clause: Clause) -> Verdict:
    """A field has to hold a value of a list (aliases allowed)."""
    field = clause.params["field"]
    values = case.metadata.words(field)
    known = {read.word(v) for v in clause.params["allowed"]} | {read.word(a) for a in clause.params.get("aliases", {})}
    wrong = [v for v in values if v not in known]
    if wrong:
        return failed(
            f"`{field}` is `{wrong[0]}`, which is not one of {', '.join(map(str, clause.params['allowed']))}.", columns=case.personal
        )
    return passed(f"`{field}` is {', '.join(values)}." if values else "", columns=case.personal)


def condition(case: Case, clause: Clause) -> Verdict:
    """Columns of certain types need a declared legal condition."""
    field, hits = clause.params["field"], case.hits(*clause.types)
    if not hits:
        return not_found("No cell with a value of these types was found.")
    columns = tuple(h.column for h in hits)
    found = f"{plural(len(columns), 'column')} ({', '.join(columns)}) of type {', '.join(sorted({h.note for h in hits}))}"
    if not case.metadata.has(field) or case.metadata.truth(field) is False:
        return failed(f"{found}, and no `{field}` is declared.", *hits, missing=() if case.metadata.has(field) else (field,))
    known = [read.word(v) for v in clause.params.get("allowed", ())]
    odd = [w for w in case.metadata.words(field) if known and w not in known and not _letter(w)]
    if odd:
        return warned(f"{found}; the declared `{field}` is not one of {', '.join(known)}: a person has to confirm it.", columns=columns)
    return passed(f"{found}; `{field}` is declared.", columns=columns)


def _letter(text: str) -> bool:
    """A condition given by its letter or article, such as ``9(2)(h)`` or ``h``."""
    parts = text.split("_")
    return len(parts[-1]) == 1 and parts[-1].isalpha() and all(p.isdigit() or p in ("art", "article") for p in parts[:-1])


def purpose(case: Case, clause: Clause) -> Verdict:
    """The purpose of use has to be among those of collection."""
    collected = set(case.metadata.words("collection_purposes"))
    foreign = [p for p in case.metadata.words("purpose") if p not in collected]
    if not case.metadata.has("collection_purposes") or not case.metadata.has("purpose") or not foreign:
        return passed("The purpose of use is among the purposes of collection.", columns=case.personal)
    if case.metadata.has("compatibility_assessment"):
        return warned(
            f"Purpose `{foreign[0]}` was not one of collection; it rests on the declared compatibility assessment.", columns=case.personal
        )
    return failed(
        f"The data is used for `{foreign[0]}`, and was collected for {', '.join(sorted(collected)) or 'nothing declared'}.",
        columns=case.personal,
        facts={"personal columns": len(case.personal)},
    )


def processors(case: Case, clause: Clause) -> Verdict:
    """Every processor needs a contract reference."""
    value = case.metadata["processors"]
    if not case.metadata.has("processors"):
        return passed("")
    entries = value if isinstance(value, (list, tuple)) else [value] if value and read.word(value) not in read.NOTHING else []
    if not entries:
        return not_applicable("No processor is declared to be used.")
    bare = [e for e in entries if not (isinstance(e, Mapping) and any(read.given(e.get(f), "name") for f in ("contract_id", "contract")))]
    if bare:
        return failed(
            f"{len(bare)} of {plural(len(entries), 'processor')} without a contract reference.", count=len(bare), unit="processors"
        )
    return passed(f"{plural(len(entries), 'processor')}, each with a contract reference.")


def transfer(case: Case, clause: Clause) -> Verdict:
    """Storage and recipients abroad need a ground for the transfer."""
    home = {read.country(c) for c in clause.params["home"]}
    adequate = {read.country(c) for c in clause.params.get("adequate", ())}
    places = [read.country(c) for c in read.listed(case.metadata["storage_country"])]
    places += _countries_of(case.metadata["recipients"]) + _countries_of(case.metadata["transfers"], bare=True)
    mechanism = case.metadata.words("transfer_mechanism")
    grounds = [m for m in mechanism if m not in ("none", "no", "false")]
    abroad = sorted({p for p in places if p not in home and p not in adequate})
    if not places:
        return passed("")
    odd_places = sorted({p for p in places if not read.is_country(p)})
    if odd_places:
        return not_assessed(
            f"{', '.join(f'`{p}`' for p in odd_places)} is no country that this check knows: write its two-letter code, such as DE or SG.",
            *(f for f in ("storage_country", "recipients", "transfers") if case.metadata.has(f)),
        )
    if abroad and not grounds:
        return failed(
            f"Data goes to {', '.join(abroad)} and no `transfer_mechanism` is declared.",
            columns=case.personal,
            missing=("transfer_mechanism",),
        )
    facts = {"countries": ", ".join(sorted(set(places))), "mechanism": ", ".join(grounds) or "none needed"}
    known = {read.word(m) for m in clause.params.get("mechanisms", ())}
    odd = [m for m in grounds if known and not any(k in m for k in known)]
    if abroad and len(odd) == len(grounds):
        return warned(
            f"`transfer_mechanism` `{odd[0]}` is not one this check knows; a person has to confirm it.", columns=case.personal, facts=facts
        )
    where = ", ".join(sorted(set(places)))
    ground = f"covered by the declared mechanism ({', '.join(grounds)})" if abroad else "at home or found adequate"
    return passed(f"Every declared place ({where}) is {ground}.", columns=case.personal, facts=facts)


def _countries_of(value: Any, *, bare: bool = False) -> list[str]:
    """The countries that entries name; a ``bare`` entry is a country itself, unless it says that there is none."""
    entries = [value] if isinstance(value, Mapping) else read.listed(value)
    named = read.places([e for e in entries if isinstance(e, Mapping)] if bare else value)
    named += [e for e in entries if bare and not isinstance(e, Mapping) and read.given(e) and read.word(e) not in read.NOTHING]
    return [read.country(c) for c in named]


def at_least(case: Case, clause: Clause) -> Verdict:
    """A declared period has to reach a minimum."""
    field, least = clause.params["field"], float(clause.params["days"])
    value = case.metadata.days(field)
    if value is None:
        return not_assessed(f"`{field}` is not a number of days.", field) if case.metadata.has(field) else passed("")
    if value < least:
        return failed(f"`{field}` is {value:g} days; the clause asks for {least:g}.", facts={"days": value, "least": least})
    return passed(f"`{field}` is {value:g} days, at least {least:g}.")


def dpia(case: Case, clause: Clause) -> Verdict:
    """Triggers of an impact assessment (or of an officer), against its reference.

    A trigger is met where all its facts are; one that waits for a fact that nobody declared is neither met nor ruled out.
    """
    field, what = clause.params["field"], clause.params["what"]
    facts = [(t["what"], {n: _fact(case, clause, n) for n in t["all"]}) for t in clause.params["triggers"]]
    met = [name for name, states in facts if all(states.values())]
    figures = _scale_figures(case, clause) | {"triggers": "; ".join(met) or "none"}
    if case.metadata.has(field):
        return passed(f"{what} is on record (`{field}`).", facts=figures)
    if met:
        said = f"{what} is called for and not on record: {'; '.join(met)}."
        return failed(said, columns=case.columns_of(*clause.types), missing=(field,), facts=figures)
    undecided = [(name, states) for name, states in facts if False not in states.values()]
    pressing = [(n, s) for n, s in undecided if True in s.values()] or (undecided if case.columns_of(*clause.types) else [])
    if pressing:
        missing = dict.fromkeys(_to_declare(case, n) for _, states in pressing for n, state in states.items() if state is None)
        said = f"{what} is called for where there is {' or '.join(n for n, _ in pressing)}: not known without what is to be declared."
        return not_assessed(said, *missing, facts=figures)
    if undecided:
        open_ = dict.fromkeys(_to_declare(case, n) for _, states in undecided for n, state in states.items() if state is None)
        unsaid = ", ".join(f"`{n}`" for name in open_ for n in name.split("|"))
        return not_applicable(f"No sensitive data was found, and what else would call for it is not declared: {unsaid}.")
    return passed("None of the triggers is met.", facts=figures)


def _to_declare(case: Case, fact: str) -> str:
    """The fields, not yet declared, by which a fact can be."""
    names = "subject_count|large_scale" if fact == "large_scale" else fact
    return "|".join(n for n in names.split("|") if not case.metadata.has(n)) or names


def _fact(case: Case, clause: Clause, name: str) -> bool | None:
    """A fact of a trigger: yes, no, or None where nobody said; ``a|b``: either."""
    if "|" in name:
        states = [_fact(case, clause, n) for n in name.split("|")]
        return True if True in states else None if None in states else False
    if name == "found":
        return bool(case.columns_of(*clause.types))
    said = case.metadata.truth(name)
    if said is None and name == "large_scale":
        return _large_scale(case, clause)
    if said is None and name == "significant_effects":  # decisions by machine are declared as those of Art. 22, which have such effects
        decided = case.metadata["automated_decision"]
        return True if read.truth(decided) or case.named(decided) is not None else None
    return said


def _large_scale(case: Case, clause: Clause) -> bool | None:
    """Whether the people are many; the table alone may be a sample, and its rows are no people, so that only their keys count."""
    counted = _people(case)
    if counted >= clause.params["large_scale_people"]:
        return True
    return False if read.days(case.metadata["subject_count"]) is not None else None


def _people(case: Case) -> int:
    """How many people are known of: as declared, or by the keys in the table."""
    key = case.column("subject_key")
    return max(int(read.days(case.metadata["subject_count"]) or 0), key.text_counts.height if key is not None else 0)


def _scale_figures(case: Case, clause: Clause) -> dict[str, Any]:
    least = f"{clause.params['large_scale_people']:,} people (the law names no figure; `large_scale` overrules it)"
    return {"people known of": _people(case) or "none", "taken as a large scale from": least}


def protection(case: Case, clause: Clause) -> Verdict:
    """Sensitive columns in clear need declared encryption."""
    hits = case.hits(*clause.types)
    if not hits:
        return not_applicable("Nothing of this kind is in clear.")
    level = case.metadata.words("classification")
    by_level = bool(clause.params.get("by_classification"))
    fields = [f for f in ("encryption_at_rest", "encryption_in_transit") if f in (*clause.needs, *clause.uses)]
    said = {f: protected(case.metadata[f]) for f in fields if case.metadata.has(f)}
    off = [f for f, sure in said.items() if sure is False]
    if by_level and level and not set(level) & {read.word(v) for v in clause.params["by_classification"]}:
        return warned(f"Classified `{level[0]}`, yet identifiers or sensitive data are in clear: check the classification.", *hits)
    if by_level and not level:
        return passed("")
    if off and not case.metadata.has("encryption_alternative"):
        names = ", ".join(h.column for h in hits)
        return failed(f"{names} can be read, and `{off[0]}` is `{case.metadata.text(off[0])}`: that protects nothing today.", *hits)
    if off:
        return warned("Not encrypted; a documented alternative is declared and has to be judged by a person.", *hits)
    odd = [f for f, sure in said.items() if sure is None]
    if odd:
        named = f"`{odd[0]}` is `{case.metadata.text(odd[0])}`"
        return warned(f"{named}, which names no method this check knows: a person has to confirm it.", *hits)
    shown = ", ".join(f"`{f}` is `{case.metadata.text(f)}`" for f in said)
    return passed(
        f"{plural(len(hits), 'column')} to protect; {shown or 'an alternative is declared'}.", columns=tuple(h.column for h in hits)
    )


_NOT_YET = re.compile(
    r"plan|will|future|soon|later|todo|to_do|intend|propos|roadmap|backlog|upcoming|in_progress|not|partial|partly|q[1-4]|tbd|tbc|geplant|"
    r"prévu|previsto|planejado|plaintext|(?:^|_)(?:plain|clear|none|no|http|ftp|telnet|disabled|off)(?:_|$)"
)
_METHODS = re.compile(
    r"(?:^|_)(?:aes|tde|tls|mtls|https|sftp|ftps|ssh|scp|ipsec|vpn|pgp|gpg|kms|hsm|sse|luks|bitlocker|filevault|ebs|rsa|ecc|chacha20|"
    r"gcm|fpe|ssl|wireguard|byok|cmk|dm_crypt|fernet|age|verschl|cifr|chiffr)|crypt|cipher|token"
)


def protected(value: Any) -> bool | None:
    """Whether a declared protection protects: yes, no, or None where it names nothing that is known.

    >>> protected("AES-256"), protected("planned for Q3"), protected("TLS 1.3"), protected("vault"), protected(True)
    (True, False, True, None, True)
    """
    said = read.truth(value)
    if said is not None:
        return said
    text = read.word(value)
    return False if _NOT_YET.search(text) else True if _METHODS.search(text) else None


def attested(case: Case, clause: Clause) -> Verdict:
    """Only a person can say so."""
    from ...values import ClauseStatus

    return Verdict(status=ClauseStatus.NEEDS_ATTESTATION, message=f"A person has to attest: {clause.check}")


def looked_at(case: Case) -> str:
    """How much was looked at, as the start of a sentence that says what was not there."""
    return f"{plural(len(case.frame.columns), 'column')} and {plural(case.rows, 'row')} were looked at"


def access_open(case: Case) -> str:
    """The declared access where it is open to everybody, else blank."""
    words = set(case.metadata.words("access_scope"))
    found = sorted(words & {"public", "open", "everyone", "all", "anyone", "all_employees", "company_wide", "world", "unrestricted"})
    return found[0] if found else ""


def hits_columns(hits: tuple[Hits, ...]) -> tuple[str, ...]:
    """The columns of some hits."""
    return tuple(h.column for h in hits)


RULES: dict[str, Rule] = {
    "declared": declared,
    "one_of": one_of,
    "condition": condition,
    "purpose": purpose,
    "processors": processors,
    "transfer": transfer,
    "at_least": at_least,
    "dpia": dpia,
    "protection": protection,
    "attested": attested,
}
