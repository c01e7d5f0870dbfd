"""From what a person wrote to rules: one entry point for every dialect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...errors import BadCellBody, GovernanceError, UnknownName, closest
from ...frames import Frame
from ...values import Severity
from ._bounded import tolerance_of
from ._condition import read_condition
from ._dbt import TESTS, is_test, schema_rules, test_rule
from ._entries import Entry, read_body
from ._gx import EXPECTATIONS, expectation, is_expectation
from ._model import Rule
from ._odcs import contract_rules, quality_rule
from ._pattern import check_pattern
from ._soda import METRICS, beyond_reach, failed_rows, metric_rules, reference_check, schema_check
from ._types import text_type
from ._words import arguments_of, bounds_of, call_of, list_of, names_of, severity_of, take, value_of

_NAME = r"(?:\"[^\"]+\"|`[^`]+`|[^\s\"'`()<>=!,:]+)"
_LEVEL = re.compile(
    r"[\s,]*[(\[](?:severity\s*[:=]\s*)?(warn|warning|fail|error|info|low|medium|high|critical|fatal)[)\]]\s*$", re.IGNORECASE
)
_LIMIT = re.compile(
    r"\s*[:,]\s*(?:invalid|failing|failed|missing|duplicate)_?(?:rows_|)(percent|count|rows)?\s*(<=|<|=)\s*([0-9.]+)\s*(%?)\s*$",
    re.IGNORECASE,
)
_UNNAMED = "data"
_MOSTLY = re.compile(r"[\s,:]*\bmostly\s*[:=]?\s*([0-9.]+)\s*(%?)\s*$", re.IGNORECASE)
_WHERE = re.compile(r"\s+(?:where|filter)\s+(.+)$", re.IGNORECASE)
_BY = re.compile(r"\s+(?:by|per|group by)\s+([\w\s,\"]+)$", re.IGNORECASE)


def read_checks(given: str | Sequence[Any], frame: Frame) -> tuple[Rule, ...]:
    r"""Rules from a cell body or a list of lines, mappings and rules.

    SodaCL lines, Great Expectations and dbt names, plain comparisons, dependencies, references, a contract (ODCS v3.1),
    a dbt schema file or an expectation suite. What cannot be read raises :class:`~edgp_magics.errors.BadCellBody` with
    its line and, for a wrong column, the nearest one.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> t = as_frame(pd.DataFrame({"age": [1], "email": ["a"]}), name="t")
    >>> [r.label for r in read_checks("- missing_count(email) = 0\n- age <= 120 (warn)", t)]
    ['email not null', 'age <= 120']
    """
    if isinstance(given, str):
        return _read_text(given, frame)
    rules: list[Rule] = []
    for number, item in enumerate(given, 1):
        if isinstance(item, Rule):
            rules.append(item)
        elif isinstance(item, str) and "\n" in item.strip():
            rules += _read_text(item, frame)
        else:
            entry = Entry(item, line=number) if isinstance(item, str) else Entry("", item, number)
            rules += _read_entry(entry, frame)
    return tuple(rules)


def _read_text(text: str, frame: Frame) -> tuple[Rule, ...]:
    body = read_body(text)
    for name, line in body.tables:
        if frame.name not in (name, _UNNAMED):
            raise BadCellBody(
                f"these checks are for `{_short(name)}`, the table is `{frame.name}`.", line=line, hint=f"Run them on `{_short(name)}`."
            )
    if body.document is not None:
        return tuple(_document(body.document, frame))
    return tuple(rule for entry in body.entries for rule in _read_entry(entry, frame))


def _document(document: Mapping[str, Any], frame: Frame) -> Iterable[Rule]:
    try:
        located = _located(document, frame)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise BadCellBody(f"the document is not complete: {_lacking(error)}.", hint="See %governance help assess.") from None
    for rule, line in located:
        yield _checked(rule.but(line=line), frame, line)


def _located(document: Mapping[str, Any], frame: Frame) -> Sequence[tuple[Rule, int | None]]:
    if document.get("expectations") is not None:
        return [(_mapping(e)[0], getattr(e, "line", None)) for e in document["expectations"]]
    if document.get("models") is not None or document.get("columns") is not None:
        return schema_rules(document)
    return contract_rules(document, frame.name)


def _lacking(error: Exception) -> str:
    return f"it needs `{error.args[0]}`" if isinstance(error, KeyError) and error.args else str(error)[:80]


def _read_entry(entry: Entry, frame: Frame) -> list[Rule]:
    """The rules of one entry, with columns checked; what goes wrong is told with the line."""
    try:
        rules = _mapping(entry.detail) if not entry.text and isinstance(entry.detail, Mapping) else _text(entry, frame)
    except GovernanceError as error:
        if isinstance(error, BadCellBody) and error.values.get("line"):
            raise
        raise BadCellBody(error.message, line=entry.line, hint=error.hint) from None
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise BadCellBody(
            f"`{_short(entry.text)}` is not complete: {_lacking(error)}.", line=entry.line, hint="See %governance help assess."
        ) from None
    return [_checked(r.but(line=entry.line, text=r.text or entry.text), frame, entry.line) for r in rules]


def _checked(rule: Rule, frame: Frame, line: int | None) -> Rule:
    """The rule, its columns known to the frame (in any case of letters where that is unambiguous)."""
    if rule.kind in ("column_exists", "unsupported"):
        return rule
    if rule.kind in ("regex", "not_regex"):
        _pattern_reads(str(rule.parameters["pattern"]), line)
    fixed = tuple(_known(c, frame, line) for c in rule.columns)
    by = tuple(_known(c, frame, line) for c in rule.by)
    conditions = [rule.filter, *(str(rule.parameters[k]) for k in ("when", "then", "condition") if k in rule.parameters)]
    for condition in filter(None, conditions):
        for name in _condition_columns(condition, line):
            if _known(name, frame, line) != name and name not in map(str, frame.labels):
                _as_written(name, frame, line)
    if rule.kind in ("conditional", "expression") and not fixed:
        names = dict.fromkeys(n for c in conditions[1:] for n in _condition_columns(c, line))
        fixed = tuple(n for n in names if n in frame)
    return rule.but(columns=fixed, by=by)


def _pattern_reads(pattern: str, line: int | None) -> None:
    try:
        check_pattern(pattern)
    except GovernanceError as error:
        raise BadCellBody(error.message, line=line, hint=error.hint) from None


def _condition_columns(condition: str, line: int | None) -> tuple[str, ...]:
    try:
        return read_condition(condition).columns
    except GovernanceError as error:
        raise BadCellBody(error.message, line=line, hint=error.hint) from None


def _known(name: str, frame: Frame, line: int | None) -> str:
    if name in frame:
        return name
    for label, column in zip(frame.labels, frame.columns, strict=True):
        if str(label) == name:
            return column
    folded = [column for column in frame.columns if column.casefold() == name.casefold()]
    if len(folded) == 1:
        return folded[0]
    near = closest(name, frame.columns)
    listed = ", ".join(frame.columns[:12]) + (", …" if len(frame.columns) > 12 else "")
    hint = f"Did you mean `{near}`? Columns: {listed}" if near else f"Columns: {listed or 'none'}"
    raise BadCellBody(f"no column `{_short(name)}` in `{frame.name}`.", line=line, hint=hint)


def _as_written(name: str, frame: Frame, line: int | None) -> None:
    """An SQL condition takes names as they are: another case of letters is told with the right one."""
    right = _known(name, frame, line)
    raise BadCellBody(f"no column `{name}` in `{frame.name}`.", line=line, hint=f"Did you mean `{right}`? In conditions the case counts.")


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:59] + "…"


# -- mappings ----------------------------------------------------------------------------------------------------
def _mapping(item: Mapping[str, Any]) -> list[Rule]:
    """A check given as a mapping: an expectation, an ODCS rule, a dbt test or our own kind."""
    name = take(item, "expectation_type", "type") if "kwargs" in item else take(item, "expectation_type")
    if name:
        return [expectation(str(name), [], dict(item.get("kwargs") or {}))]
    if {"metric", "rule", "query", "mustBe"} & set(item) or item.get("type") in ("text", "sql", "library", "custom"):
        return [quality_rule(item)]
    if "kind" in item:
        return [_own_kind(item)]
    key = next(iter(item))
    detail = item[key]
    if is_test(str(key)) or is_expectation(str(key)):
        return [test_rule(str(key), [], detail if isinstance(detail, Mapping) else {"column_name": detail})]
    raise BadCellBody(f"no check is named `{_short(str(key))}`.", line=getattr(item, "line", None), hint=_hint(str(key)))


def _own_kind(item: Mapping[str, Any]) -> Rule:
    columns = names_of(take(item, "columns", "column", default=()))
    fixed = {"kind", "columns", "column", "severity", "filter", "where", "by", "name"}
    parameters = {**(item.get("parameters") or {}), **{k: v for k, v in item.items() if k not in fixed | {"parameters"}}}
    rule = Rule.of(item["kind"], columns, **parameters)
    level = severity_of(str(item.get("severity") or ""))
    rule = rule.but(
        filter=str(take(item, "filter", "where", default="")), by=names_of(item.get("by") or ()), name=str(item.get("name") or "")
    )
    return rule.but(severity=level) if level else rule


# -- lines -------------------------------------------------------------------------------------------------------
def _text(entry: Entry, frame: Frame) -> list[Rule]:
    text, detail = entry.text.strip(), entry.detail
    if isinstance(detail, (str, int, float)):
        text, detail = f"{text}: {detail}", None
    text, changes = _suffixes(text, frame)
    rules = _body_rules(text, detail, frame)
    if rules is None:
        raise BadCellBody(f"`{_short(text)}` is not a check.", line=entry.line, hint=_hint(text))
    return [r.but(**_fitting(r, changes)) for r in rules]


def _fitting(rule: Rule, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in changes.items() if k != "tolerance" or rule.row_level}


def _suffixes(text: str, frame: Frame) -> tuple[str, dict[str, Any]]:
    """``text`` without its tail, and what the tail says: severity, tolerance, filter, groups."""
    changes: dict[str, Any] = {}
    level = _LEVEL.search(text)
    if level:
        changes["severity"] = severity_of(level.group(1)) or Severity.HIGH
        text = text[: level.start()]
    limit = _LIMIT.search(text)
    if limit:
        percent = bool(limit.group(4)) or (limit.group(1) or "").lower() == "percent"
        bounds = {"max": float(limit.group(3)), "strict_max": limit.group(2) == "<", "percent": percent}
        changes["tolerance"] = tolerance_of(bounds)
        text = text[: limit.start()]
    mostly = _MOSTLY.search(text)
    if mostly and not text.endswith(")"):
        share = float(mostly.group(1)) / (100 if mostly.group(2) else 1)
        changes["tolerance"] = tolerance_of({"max": round(100 * (1 - share), 9), "percent": True})
        text = text[: mostly.start()]
    where = _WHERE.search(text)
    if where and not re.match(r"(?i)^(select|if)\b", text):
        changes["filter"] = where.group(1).strip()
        text = text[: where.start()]
    by = _BY.search(text)
    if by and all(n in frame for n in names_of(by.group(1).strip())):
        changes["by"] = names_of(by.group(1).strip())
        text = text[: by.start()]
    return text.strip().rstrip(":").strip(), changes


def _body_rules(text: str, detail: Any, frame: Frame) -> list[Rule] | None:
    special: dict[str, Callable[[Any], list[Rule]]] = {"schema": schema_check, "failed rows": failed_rows}
    if text.lower() in special:
        return special[text.lower()](detail)
    unreachable = beyond_reach(text)
    if unreachable is not None:
        return [unreachable]
    reference = reference_check(text)
    if reference is not None:
        return [reference]
    if re.match(r"(?i)^row_count\b", text):
        return metric_rules("row_count", "", text[len("row_count") :].strip(), detail)
    call = call_of(text)
    if call is not None:
        found = _called(*call, detail=detail)
        if found is not None:
            return found
    for reader in (_arrow, _if_then, _worded, _compared, _condition):
        rule = reader(text, frame)
        if rule is not None:
            return [rule]
    return None


def _called(name: str, arguments: str, rest: str, *, detail: Any) -> list[Rule] | None:
    options = detail if isinstance(detail, Mapping) else {}
    if name in METRICS:
        return metric_rules(name, arguments, rest, detail)
    if is_expectation(name) or name.startswith("dbt_expectations."):
        placed, named = arguments_of(arguments)
        return [expectation(name.rsplit(".", 1)[-1], placed, {**named, **options})]
    if is_test(name) and not rest:
        placed, named = arguments_of(arguments)
        return [test_rule(name, placed, {**named, **options})]
    if name.lower() in ("length", "len"):
        bounds = bounds_of(rest)
        return [Rule.of("length", names_of(arguments), **bounds)] if bounds else None
    if re.match(r"(?i)^expect", name) or (not rest and name.lower() not in ("not", "lower", "upper", "coalesce", "abs", "regexp_like")):
        raise UnknownName("check", name, known=_every_name())
    return None


def _arrow(text: str, frame: Frame) -> Rule | None:
    match = re.match(r"^(.+?)\s*(?:->|→|=>)\s*(.+)$", text)
    if match is None or _WHERE.search(text):
        return None
    return Rule.of("dependency", (*names_of(match.group(1)), *names_of(match.group(2))))


def _if_then(text: str, frame: Frame) -> Rule | None:
    match = re.match(r"(?i)^if\s+(.+?)\s+then\s+(.+)$", text)
    return Rule.of("conditional", when=match.group(1), then=match.group(2)) if match else None


_WORDED: tuple[tuple[str, Callable[[str, re.Match[str]], Rule]], ...] = (
    (r"(?:is|are|must be|should be)?\s*not\s+(?:null|missing|na)$", lambda c, m: Rule.of("not_null", names_of(c))),
    (r"(?:is|must be)?\s*(?:not\s+(?:blank|empty)|required)$", lambda c, m: Rule.of("not_null", names_of(c), blank=True)),
    (r"(?:is|are|must be)\s+unique$|^unique$", lambda c, m: Rule.of("unique_combo" if len(names_of(c)) > 1 else "unique", names_of(c))),
    (r"(?:is\s+)?not\s+in\s*(?P<set>[\[({].+)$", lambda c, m: Rule.of("not_in_set", names_of(c), values=list_of(m["set"]))),
    (r"(?:is\s+|must be\s+)?in\s*(?P<set>[\[({].+)$", lambda c, m: Rule.of("in_set", names_of(c), values=list_of(m["set"]))),
    (r"(?:matches|match|~|=~|regex)\s*(?P<rx>.+)$", lambda c, m: Rule.of("regex", names_of(c), pattern=_pattern(m["rx"]))),
    (r"(?:does not match|!~)\s*(?P<rx>.+)$", lambda c, m: Rule.of("not_regex", names_of(c), pattern=_pattern(m["rx"]))),
    (r"(?P<bt>between\s+.+)$", lambda c, m: Rule.of("range", names_of(c), **(bounds_of(m["bt"]) or _unread(m["bt"])))),
)  # fmt: skip


def _unread(text: str) -> dict[str, Any]:
    raise BadCellBody(f"`{_short(text)}` is not a range.", hint="Write: between 0 and 120.")


def _pattern(text: str) -> str:
    stripped = text.strip()
    stripped = stripped[1:] if re.match(r"^r['\"]", stripped) else stripped
    return stripped[1:-1] if len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "'\"/" else stripped


def _worded(text: str, frame: Frame) -> Rule | None:
    """``COLUMN is not null``, ``COLUMN in (...)``, ``COLUMN matches ...``, ``COLUMN like TYPE``."""
    for head, rest in _column_heads(text, frame):
        for pattern, make in _WORDED:
            match = re.match(f"(?is){pattern}", rest)
            if match:
                return make(head, match)
        kind = re.match(r"(?i)^(?:like|is an?|is)\s+['\"]?([A-Za-z][\w. -]*?)['\"]?$", rest)
        if kind and not kind.group(1).lower().startswith(("null", "not ")):
            return Rule.of("type_is", names_of(head), type=text_type(kind.group(1)).name)
        like = re.match(r"(?i)^(not\s+)?like\s+'(.+)'$", rest)
        if like:
            return None
    return None


def _column_heads(text: str, frame: Frame) -> Iterable[tuple[str, str]]:
    """Ways to read the beginning of a line as column names: the longest column name, else the first word."""
    for name in sorted(frame.columns, key=len, reverse=True):
        if text.startswith(name) and text[len(name) : len(name) + 1].isspace():
            yield f'"{name}"' if "," in name else name, text[len(name) :].strip()
    listed = re.match(rf"^\(?({_NAME}(?:\s*,\s*{_NAME})+)\)?\s+(.+)$", text)
    if listed:
        yield listed.group(1), listed.group(2)
    single = re.match(rf"^({_NAME})\s+(.+)$", text)
    if single:
        yield single.group(1), single.group(2)


def _compared(text: str, frame: Frame) -> Rule | None:
    """``a <= b`` between columns, ``age >= 18`` against a value."""
    match = re.match(rf"^({_NAME}(?:\s[^<>=!]+?)?)\s*(<=|>=|!=|<>|==|=|<|>)\s*(.+)$", text)
    if match is None or re.search(r"(?i)\s(and|or)\s|[()+*/]", text):
        return None
    left, op, right = names_of(match.group(1))[0], match.group(2), match.group(3).strip()
    if left not in frame and not re.fullmatch(_NAME, match.group(1)):
        return None
    other = names_of(right)[0] if right[:1] in '"`' or right in frame else right
    if other in frame:
        return Rule.of("pair", (left, other), op={"==": "=", "<>": "!="}.get(op, op))
    value = value_of(right)
    if isinstance(value, str) and right[:1] not in "'\"" and not re.match(r"^[0-9]{4}-", right):
        return Rule.of("pair", (left, other), op=op) if left in frame or closest(left, frame.columns) else None
    if op in ("=", "=="):
        return Rule.of("in_set", left, values=[value])
    if op in ("!=", "<>"):
        return Rule.of("not_in_set", left, values=[value])
    return Rule.of("range", left, **{k: v for k, v in (bounds_of(f"{op} {value}") or {}).items() if k != "percent"})


def _condition(text: str, frame: Frame) -> Rule | None:
    """Any other SQL condition over at least one column."""
    try:
        columns = read_condition(text).columns
    except GovernanceError:
        return None
    if not columns or (len(columns) == 1 and columns[0] == text.strip()):
        return None
    return Rule.of("expression", condition=text)


def _every_name() -> list[str]:
    return sorted({*METRICS, *TESTS, *EXPECTATIONS})


def _hint(text: str) -> str:
    name = re.split(r"[\s(:]", text.strip(), maxsplit=1)[0]
    near = closest(name, _every_name()) if name else None
    examples = "missing_count(email) = 0, unique(id), age between 0 and 120, a <= b, country -> currency, ssn like SSN"
    return (f"Did you mean `{near}`? " if near else "") + f"Checks look like: {examples}."
