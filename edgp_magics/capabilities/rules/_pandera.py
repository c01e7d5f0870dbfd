"""Rules as the Python code of a Pandera schema (``pandera.pandas``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..checks import Rule
from ..profiling._model import ColumnProfile
from ._sql import allowed_percent, pattern_of


def to_pandera(table: str, columns: Mapping[str, ColumnProfile], rules: Sequence[Rule], broken: Mapping[str, str]) -> str:
    """Code that defines ``schema``; rules that Pandera has no word for stand as comments at the end.

    ``broken`` says by rule id how many rows break a strict rule today: such a check warns.
    """
    lines = [
        "import pandas as pd",
        "import pandera.pandas as pa",
        "",
        f"# suggested for {_comment(table)}",
        "schema = pa.DataFrameSchema(",
        "    {",
    ]
    for name in columns:
        lines += _column(name, [r for r in rules if r.columns == (name,)], broken)
    lines.append("    },")
    whole = [_table_check(r, broken.get(r.id, "")) for r in rules]
    checks = [c for c in whole if c]
    if checks:
        lines += ["    checks=[", *(f"        {c}," for c in checks), "    ],"]
    combos = [list(r.columns) for r in rules if r.kind == "unique_combo"]
    if combos:
        lines.append(f"    unique={combos[0]!r},")
    lines += ["    strict=False,", ")"]
    left = [
        r.label for r in rules if r.kind in ("relationship", "freshness") or (r.kind == "unique_combo" and list(r.columns) != combos[0])
    ]
    lines += ["", "# not expressed here:", *(f"# {_comment(text)}" for text in left)] if left else []
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return " ".join(text.split())


def _column(name: str, rules: Sequence[Rule], broken: Mapping[str, str]) -> list[str]:
    kept = {r.kind for r in rules if not allowed_percent(r) and r.id not in broken}
    nullable, unique = "not_null" not in kept, "unique" in kept
    checks = [c for c in (_check(r, broken.get(r.id, "")) for r in rules) if c]
    head = f"        {name!r}: pa.Column(nullable={nullable}, unique={unique}"
    if not checks:
        return [head + "),"]
    return [head + ", checks=[", *(f"            {c}," for c in checks), "        ]),"]


def _check(rule: Rule, broken: str) -> str | None:
    allowed = allowed_percent(rule) / 100
    test = _series_test(rule, by_check=bool(allowed or broken))
    if test is None:
        return None
    limit = f"({test}).mean() >= {round(1 - allowed, 8)!r}" if allowed else test
    missing = ", ignore_na=False" if rule.kind == "not_null" else ""
    return f"pa.Check(lambda s: {limit}, name={rule.id!r}, title={_comment(rule.label)!r}{missing}{_warning(broken)})"


def _warning(broken: str) -> str:
    return f", description={_comment(broken)!r}, raise_warning=True" if broken else ""


def _series_test(rule: Rule, *, by_check: bool) -> str | None:
    if rule.kind == "not_null":
        return "s.notna()" if by_check else None
    if rule.kind == "unique":
        return "~s.duplicated(keep=False)" if by_check else None
    if rule.kind == "in_set":
        return f"s.isin({list(rule.parameters['values'])!r})"
    if rule.kind == "range":
        return _bounded("s", rule)
    if rule.kind == "length":
        return _bounded("s.str.len()", rule)
    pattern = pattern_of(rule)
    return f"s.str.contains({pattern!r}, regex=True)" if pattern else None


def _bounded(what: str, rule: Rule) -> str:
    signs = (("min", ">="), ("max", "<="))
    return " & ".join(f"({what} {sign} {_value(rule.parameters[k])})" for k, sign in signs if rule.parameters.get(k) is not None)


def _value(value: Any) -> str:
    return f"pd.Timestamp({value!r})" if isinstance(value, str) else repr(value)


def _table_check(rule: Rule, broken: str) -> str | None:
    test = _frame_test(rule)
    if test is None:
        return None
    allowed = allowed_percent(rule) / 100
    limit = f"({test}).mean() >= {round(1 - allowed, 8)!r}" if allowed else test
    return f"pa.Check(lambda df: {limit}, name={rule.id!r}, title={_comment(rule.label)!r}{_warning(broken)})"


def _frame_test(rule: Rule) -> str | None:
    if rule.kind == "row_count":
        return f"{rule.parameters['min']} <= len(df) <= {rule.parameters['max']}"
    if rule.kind == "pair":
        a, b = rule.columns
        return f"(df[{a!r}] {rule.parameters['op']} df[{b!r}]) | df[{a!r}].isna() | df[{b!r}].isna()"
    if rule.kind == "dependency":
        left, right = list(rule.columns[:-1]), rule.columns[-1]
        usual = f"df.groupby({left!r})[{right!r}].transform(lambda g: g.mode().iloc[0] if g.notna().any() else None)"
        return f"(df[{right!r}] == {usual}) | df[{[*left, right]!r}].isna().any(axis=1)"
    if rule.kind == "conditional":
        return f"~df.eval({_python(rule.parameters['when'])!r}) | df.eval({_python(rule.parameters['then'])!r})"
    return None


def _python(condition: str) -> str:
    """The conditions we write ourselves, as ``DataFrame.eval`` reads them."""
    sign = next(s for s in (" IS NOT NULL", " IS NULL", " <> ", " = ") if s in condition)
    name, _, rest = condition.partition(sign)
    column = "`" + (name[1:-1].replace('""', '"') if name.startswith('"') else name) + "`"
    if "NULL" in sign:
        return f"{column}.{'notna' if 'NOT' in sign else 'isna'}()"
    value = rest[1:-1].replace("''", "'") if rest.startswith("'") else float(rest)
    test = f"{column} {'!=' if sign == ' <> ' else '=='} {value!r}"
    return f"{test} and {column}.notna()" if sign == " <> " else test
