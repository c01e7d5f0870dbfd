"""What is declared about a dataset: a mapping, YAML of the cell body, or an ODCS data contract."""

from __future__ import annotations

import datetime as dt
import functools
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from ...errors import BadCellBody, BadOption, UsageError, closest
from ...values import plain
from . import _read as read
from ._catalogue import catalogue

_SECRET = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Metadata:
    """Declared facts by field name.

    >>> m = Metadata({"lawful_basis": "contract", "purpose": "TBD"})
    >>> m.has("lawful_basis"), m.has("purpose"), m.has("owner")
    (True, False, False)
    """

    values: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def has(self, name: str) -> bool:
        """Whether the field was filled in with something; ``a|b`` asks for either."""
        return any(read.given(self.values.get(n), kind_of(n)) for n in name.split("|"))

    def unreadable(self, name: str) -> str:
        """Why a field that was filled in cannot be used, in words; blank when it can."""
        wanted = read.unreadable(self.values[name], kind_of(name)) if self.has(name) else ""
        return f"`{name}` is `{str(self.values[name])[:40]}`, which is not {wanted}" if wanted else ""

    def missing(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the fields that were not given."""
        return tuple(n for n in names if not self.has(n))

    def truth(self, name: str) -> bool | None:
        """Yes, no or not said."""
        return read.truth(self.values.get(name))

    def words(self, name: str) -> list[str]:
        """The field as folded words."""
        return [read.word(v) for v in read.listed(self.values.get(name))]

    def text(self, name: str) -> str:
        """The field as text, blank when not given."""
        return str(self.values[name]).strip() if self.has(name) else ""

    def days(self, name: str) -> float | None:
        """The field as a number of days."""
        return read.days(self.values.get(name))

    def date(self, name: str) -> dt.date | None:
        """The field as a date."""
        return read.day(self.values.get(name))

    def mapping(self, name: str) -> Mapping[str, Any]:
        """The field as a mapping; empty when it is something else."""
        value = self.values.get(name)
        return value if isinstance(value, Mapping) else {}

    def records(self, name: str) -> list[Mapping[str, Any]]:
        """The field as a list of entries."""
        value = self.values.get(name)
        entries = value if isinstance(value, (list, tuple)) else [value] if isinstance(value, Mapping) else []
        return [e for e in entries if isinstance(e, Mapping)]

    def columns(self, name: str) -> list[Any]:
        """The columns that a field names, one or several; none where the field is about something else."""
        kind, value = kind_of(name), self.values.get(name)
        if not self.has(name) or not (kind in ("column", "columns") or name in _COLUMN_LISTS):
            return []
        return list(value) if isinstance(value, (list, tuple)) else [value] if kind == "column" else read.listed(value)

    def wordless(self, name: str) -> int:
        """How many entries of the list are no mapping of fields, so that nothing can be read from them."""
        if not self.has(name) or self.words(name) in ([w] for w in read.NOTHING):
            return 0
        value = self.values[name]
        return (len(value) if isinstance(value, (list, tuple)) else 1) - len(self.records(name))


CONTRACT_COLUMNS = "contract_columns"
"""Under this name stand the columns that a contract describes, so that those the table lacks can be said."""
_COLUMN_LISTS = ("personal_columns", "pseudonymised_columns", "required_columns")


def kind_of(name: str) -> str:
    """What a field has to be: a date, a period, a column, the name of something; blank where anything goes."""
    return "list" if name.startswith("erasure_") else catalogue().kinds.get(name, "")


def read_metadata(option: Any, body: str, known: Mapping[str, str], tables: Collection[str] = ()) -> tuple[Metadata, tuple[str, ...]]:
    """Metadata from the option and the cell body (the option wins), and notes on fields that are not known or cannot be read.

    ``tables`` are the names of the tables that it is about: of a contract on several, what it says of these is read.
    """
    sources = tuple(_opened(source) for source in (_parse(body, _bad_body), _mapping(option)))
    values = {name: _single(name, value) for source in sources for name, value in _fields(source, tables).items()}
    found = Metadata(values)
    twice = [n for text in (body, option) if isinstance(text, str) for n in _given_twice(text)]
    twice += [n for source in sources for n, times in Counter(map(_snake, source)).items() if times > 1]
    said = [f"`{name}` is given twice: only the last one counts." for name in dict.fromkeys(twice)]
    said += [why for source in sources for why in (*_misspelt_parts(source), _described_in_vain(source, tables)) if why]
    said += [f"{why}. Clauses that need it are not assessed." for n in known if (why := found.unreadable(n))]
    return found, (*_notes(values, known), *said)


def _single(name: str, value: Any) -> Any:
    """The one column of a list, where a field names one."""
    return value[0] if kind_of(name) == "column" and isinstance(value, list) and len(value) == 1 else value


def _mapping(option: Any) -> Mapping[str, Any]:
    if option is None:
        return {}
    if isinstance(option, os.PathLike) or (isinstance(option, str) and _FILE.fullmatch(option.strip())):
        name = PurePath(option).name
        hint = f"Read it first: text = Path('{name}').read_text(), and give metadata=text (`--metadata text`)."
        raise BadOption(f"--metadata: `{name}` is the name of a file, not what stands in it.", hint=hint, option="metadata")
    if isinstance(option, str):
        return _parse(option, _bad_option)
    if not isinstance(option, Mapping):
        raise _bad_option("it is not a mapping of fields.", None)
    return {str(k): read.settled(v) for k, v in option.items()}


_FILE = re.compile(r"[^\n:{]{1,400}\.(?:ya?ml|json|txt)", re.IGNORECASE)
_Error = Callable[[str, int | None], UsageError]
_WRITE = "Write one `field: value` a line, such as `lawful_basis: contract`."


def _bad_option(message: str, line: int | None) -> UsageError:
    where = f", line {line}" if line else ""
    hint = "For example metadata={'lawful_basis': 'contract'}, or the same as YAML text."
    return BadOption(f"--metadata{where}: {message}", hint=hint, option="metadata")


def _bad_body(message: str, line: int | None) -> UsageError:
    return BadCellBody(f"the metadata cannot be read: {message}", line=line, hint=_WRITE)


def _parse(text: str, error: _Error) -> Mapping[str, Any]:
    if not text.strip():
        return {}
    import yaml

    try:
        if _unfolded(yaml.compose(text, Loader=yaml.SafeLoader), {}) > _MOST:
            raise error(f"it unfolds to more than {_MOST:,} values, or holds itself.", None)
        found = yaml.load(text, _loader())  # noqa: S506 (a safe loader)
    except yaml.YAMLError as trouble:
        mark, why = getattr(trouble, "problem_mark", None), getattr(trouble, "problem", None)
        raise error(f"it is not YAML{f' ({why})' if why else ''}.", mark.line + 1 if mark else None) from None
    except RecursionError:
        raise error("it is nested too deeply.", None) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise error("it is not a list of fields.", None)
    return {str(k): read.settled(v) for k, v in found.items()}


_MOST = 1_000_000
"""So many values metadata may hold with every alias written out."""


def _unfolded(node: Any, known: dict[int, float]) -> float:
    """How many values a YAML node holds with its aliases written out; without end where it holds itself."""
    if id(node) not in known:
        known[id(node)] = math.inf
        inside = node.value if isinstance(getattr(node, "value", None), list) else ()
        known[id(node)] = 1 + sum(_unfolded(n, known) for part in inside for n in (part if isinstance(part, tuple) else (part,)))
    return known[id(node)]


@functools.cache
def _loader() -> Any:
    """A safe loader to which only true and false are that: ``on`` is a field, ``no`` a column or Norway, and ``yes`` is read as such."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in found if tag != "tag:yaml.org,2002:bool"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
    return Loader


def _given_twice(text: str) -> list[str]:
    """Names that stand twice in one mapping of a YAML text that can be read; YAML itself keeps the last and says nothing.

    >>> _given_twice("{purpose: a, purpose: b, retention_days: 1}")
    ['purpose']
    """
    import yaml

    out: list[str] = []
    open_, seen = [yaml.compose(text, Loader=yaml.SafeLoader)], set[int]()
    while open_:
        node = open_.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            names = Counter(str(key.value) for key, _ in node.value)
            out += [name for name, times in names.items() if times > 1 and name != "<<"]
            open_ += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            open_ += node.value
    return out


def _fields(values: Mapping[str, Any], tables: Collection[str]) -> dict[str, Any]:
    contract = _contract_in(values)
    if contract is None:
        return {_snake(k): v for k, v in values.items()}
    beside = values if contract is not values else {k: v for k, v in values.items() if _snake(k) in catalogue().fields}
    return {**_from_contract(contract, tables), **{_snake(k): v for k, v in beside.items() if k != "contract"}}


def _opened(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values with a contract that was given as text read."""
    contract = values.get("contract")
    return {**values, "contract": _parse(contract, _bad_contract)} if isinstance(contract, str) and "\n" in contract else values


def _bad_contract(message: str, line: int | None) -> UsageError:
    return _bad_option(f"`contract` cannot be read{f', line {line}' if line else ''}: {message}", None)


def _contract_in(values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The data contract that the values are or hold, if they do."""
    contract = values.get("contract") if isinstance(values.get("contract"), Mapping) else values
    return contract if isinstance(contract, Mapping) and _is_contract(contract) else None


def _is_contract(values: Mapping[str, Any]) -> bool:
    """Whether it says that it is a data contract, or has the parts that only such a one has."""
    kind = values.get("kind")
    return str(kind).casefold() == "datacontract" or (kind is None and {"apiVersion", "schema"} <= values.keys())


def _snake(name: str) -> str:
    return _SECRET.sub("_", name.strip()).replace("-", "_").replace(" ", "_").lower()


_MISPLACED = {
    "datasets": "`datasets` is read by regulatory_audit alone: give the fields of this table themselves.",
    "metadata": "`metadata` is not a field: give the fields in it themselves.",
}


def _notes(values: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
    out = []
    for name in values:
        if name not in known and name != CONTRACT_COLUMNS and not name.startswith("erasure_"):
            near = _meant(name, known)
            said = f"`{name}` is not a field" + (f": did you mean `{near}`?" if near else " of the metadata: no clause uses it.")
            out.append(_MISPLACED.get(name, said))
    return out


_OTHER_NAMES = {
    "lawful_basis": "legal_basis legal_ground gdpr_basis basis processing_basis",
    "purpose": "usage use use_case intended_use processing_purpose",
    "subject_categories": "data_subjects data_subject subjects subject_types data_subject_categories categories_of_data_subjects",
    "subject_key": "subject_id subject_column person_id person_key id_column key primary_key",
    "personal_columns": "pii pii_columns pii_fields personal_data sensitive_columns personal_fields",
    "retention_days": "retention retention_period keep_for storage_period ttl",
    "owner": "data_owner steward data_steward custodian responsible dataset_owner",
    "controller": "data_controller",
    "processors": "processor data_processors subprocessors sub_processors",
    "recipients": "recipient shared_with disclosed_to",
    "transfers": "international_transfers cross_border_transfers third_countries third_country_transfers",
    "storage_country": "country location region hosting_country data_location storage_location data_residency residency",
    "encryption_at_rest": "encrypted encryption at_rest",
    "encryption_in_transit": "tls transport_encryption in_transit",
    "security_measures": "toms safeguards technical_measures",
    "access_scope": "access access_control permissions readers",
    "classification": "sensitivity confidentiality protection_class data_classification",
    "dpia_id": "dpia pia impact_assessment",
    "dpo": "data_protection_officer privacy_officer",
    "consent_column": "consent consent_given opt_in",
    "as_of": "today date reference_date processing_date as_at",
    "environment": "env stage",
    "audit_log_ref": "audit_log access_log logs",
    "source": "origin provenance data_source",
    "large_scale": "scale",
    "core_activity": "core_activities core_business main_activity",
    "public_authority": "public_body government authority public_sector",
    "declared_anonymous": "anonymous anonymised anonymized",
    "pseudonymised_columns": "pseudonymized_columns tokens tokenised_columns tokenized_columns",
    "glossary": "definitions data_dictionary business_terms",
    "erasure_list": "erasure_requests deletion_requests",
    "financial_reporting": "sox sox_scope",
    "ai_training": "training_data used_for_training",
}
"""What else people call a field."""


def _meant(name: str, known: Mapping[str, str]) -> str | None:
    """The field that an unknown name means: by another common name of it first, by spelling then.

    >>> _meant("data_subjects", catalogue().fields), _meant("lawful_bases", catalogue().fields)
    ('subject_categories', 'lawful_basis')
    """
    named = next((f for f, others in _OTHER_NAMES.items() if f in known and name in others.split()), None)
    return named or closest(name, known)


# -- ODCS ------------------------------------------------------------------------------------------------------------
def _from_contract(contract: Mapping[str, Any], tables: Collection[str]) -> dict[str, Any]:
    """The fields an Open Data Contract Standard document answers; what differs by table in ``datasets`` where it is read for several."""
    if len(tables) < 2:
        return _of_table(contract, next(iter(tables), ""), alone=True)
    shared = _of_table(contract, "")
    by_table = {t: {k: v for k, v in _of_table(contract, t).items() if shared.get(k) != v} for t in tables}
    return shared | {"datasets": by_table}


_PARTS = sorted(
    read.bag(
        "apiVersion kind id name version status tenant domain dataProduct description tags authoritativeDefinitions schema support price "
        "team roles slaDefaultElement slaProperties servers customProperties contractCreatedTs"
    )
)
"""The parts of a contract of the standard's version 3."""
_LEVELS = ("retention", "latency", "freshness", "frequency")
"""The service levels that are read."""


def _misspelt_parts(values: Mapping[str, Any]) -> Iterator[str]:
    """Parts and service levels of a contract that are read under another name than they have."""
    contract = _contract_in(values) or {}
    for name in contract:
        if name not in _PARTS and _snake(name) not in catalogue().fields and (near := closest(name, _PARTS)):
            yield f"`{name}` is no part of a data contract: did you mean `{near}`?"
    for level in _records(contract.get("slaProperties")):
        name = str(level.get("property", ""))
        if _snake(name) not in _LEVELS and (near := closest(name, _LEVELS)):
            yield f"The service level `{name[:40]}` is not read: did you mean `{near}`?"


def _object(contract: Mapping[str, Any], table: str, *, alone: bool) -> Mapping[str, Any] | None:
    """The schema object that describes a table: the one of its name, or the only one for a table that stands ``alone``."""
    schema = _records(contract.get("schema"))
    return schema[0] if alone and len(schema) == 1 else next((o for o in schema if _snake(table) in _names(o)), None)


def _names(entry: Mapping[str, Any]) -> list[str]:
    """What a schema object is called, with and without the schema or database that it lies in."""
    said = [str(entry[f]) for f in ("name", "physicalName") if entry.get(f)]
    return [_snake(n) for name in said for n in (name, name.rpartition(".")[2])]


def _described_in_vain(values: Mapping[str, Any], tables: Collection[str]) -> str:
    """Why a contract says nothing of the columns of these tables; blank where it does, or speaks of none."""
    contract = _contract_in(values)
    schema = _records(contract.get("schema")) if contract is not None else []
    if contract is None or not schema or any(_object(contract, t, alone=len(tables) < 2) is not None for t in tables or ("",)):
        return ""
    named = ", ".join(f"`{o.get('name') or o.get('physicalName')}`" for o in schema)
    wanted = " or ".join(f"`{t}`" for t in tables) or "like the table"
    return f"The contract describes {named}, none called {wanted}: what it says of columns is not used. Name it as the contract does."


def _of_table(contract: Mapping[str, Any], table: str, *, alone: bool = False) -> dict[str, Any]:
    """What a contract says of one table, or of any table where none is named."""
    about, entry = contract.get("description"), _object(contract, table, alone=alone)
    out: dict[str, Any] = {"dataset_id": contract.get("id"), "purpose": about.get("purpose") if isinstance(about, Mapping) else None}
    any_ = len(_records(contract.get("schema"))) < (2 if alone else 1)
    levels: list[Mapping[str, Any]] = [
        {"element": contract.get("slaDefaultElement"), **level} for level in _records(contract.get("slaProperties"))
    ]
    out |= _from_service_levels(levels, None if any_ else {_snake(table), *_names(entry or {})})
    out |= _from_people(contract)
    out |= _from_servers(_records(contract.get("servers")))
    out |= _from_columns(_records((entry or {}).get("properties")))
    for source in (contract, about, entry):
        for said in _records(source.get("customProperties")) if isinstance(source, Mapping) else ():
            out[_snake(str(said.get("property", "")))] = said.get("value")
    return {k: v for k, v in out.items() if v is not None and k}


def _records(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []


def _from_service_levels(levels: list[Mapping[str, Any]], names: Collection[str] | None) -> dict[str, Any]:
    """Retention and freshness, of the tables of these names (of whatever table without)."""
    out: dict[str, Any] = {}
    for level in levels:
        name, period = _snake(str(level.get("property", ""))), f"{level.get('value')} {level.get('unit') or 'd'}"
        column = _element(level, names)
        if column is None:
            continue
        if name == "retention":
            found = read.days(level.get("value")) if period.endswith(" d") else None
            out |= {"retention_days": period if found is None else found, "retention_date_column": column or None}
        if name in ("latency", "freshness", "frequency") and "freshness_sla_hours" not in out:
            out |= {"freshness_sla_hours": _hours(level), "updated_at_column": column or None}
    return out


def _element(level: Mapping[str, Any], names: Collection[str] | None) -> str | None:
    """The column of these tables that a level is about, blank where it names none; None where it is about other tables."""
    for element in str(level.get("element") or "").split(","):
        table, _, column = element.strip().rpartition(".")
        if names is None or not table or {_snake(table), _snake(table.rpartition(".")[2])} & {*names}:
            return column
    return None


def _hours(level: Mapping[str, Any]) -> Any:
    """The period in hours; as it stands where it cannot be read, so that it is said."""
    unit = str(level.get("unit") or "d").lower()
    value = read.days(level.get("value"))
    if value is None:
        return level.get("value")
    return value if unit.startswith("h") else value / 60 if unit.startswith("min") else (read.days(f"{value} {unit}") or 0) * 24


def _from_people(contract: Mapping[str, Any]) -> dict[str, Any]:
    team = contract.get("team")
    members = _records(team.get("members")) if isinstance(team, Mapping) else _records(team)
    owner = next((m for m in members if "owner" in str(m.get("role", "")).casefold()), None)
    return {"owner": owner.get("username") or owner.get("name") if owner else None}


def _from_servers(servers: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {"environment": next((s.get("environment") for s in servers if s.get("environment")), None)}


def _from_columns(properties: list[Mapping[str, Any]]) -> dict[str, Any]:
    names = {str(p.get("physicalName") or p.get("name")): p for p in properties if p.get("name") or p.get("physicalName")}
    if not names:
        return {}
    meaning = {
        n: str(p.get("description") or p.get("businessName")) for n, p in names.items() if p.get("description") or p.get("businessName")
    }
    levels = {str(p.get("classification")) for p in names.values() if p.get("classification")}
    personal = [n for n, p in names.items() if _says_personal(p)]
    return {
        "glossary": meaning,
        "classification": max(levels, key=_classification_rank) if levels else None,
        "personal_columns": personal or None,
        CONTRACT_COLUMNS: [*names],
    }


def _says_personal(entry: Mapping[str, Any]) -> bool:
    said = {read.word(entry.get("classification", "")), *(read.word(t) for t in read.listed(entry.get("tags")))}
    return bool(said & {"pii", "personal", "personal_data", "sensitive_personal_data", "phi", "spi"})


_RANKS = ("public", "internal", "confidential", "sensitive", "pii", "phi", "restricted", "secret")


def _classification_rank(level: str) -> tuple[int, str]:
    found = read.word(level)
    return (_RANKS.index(found) if found in _RANKS else 0, found)


def declared(metadata: Metadata) -> dict[str, Any]:
    """The metadata as plain data, for the record; lists of people's keys are counted, not shown."""
    private = ("erasure_", "rectification_log", "disclosure_log", "request_log", "breach_log", "restriction_list")
    return {
        k: f"{len(read.listed(v)):,} entries (not shown)" if k.startswith(private) else plain(v) for k, v in sorted(metadata.values.items())
    }
