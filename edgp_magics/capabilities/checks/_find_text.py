"""Checks on text found in the data: types and checksums, formats, numbers, units, odd spellings, stray blanks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

import polars as pl

from ...values import Dimension, Progress, Severity
from ._find_values import find_odd_values
from ._model import Rule
from ._table import CheckTable
from ._types import TYPES, TextType, is_valid

_SAMPLE = 4_000
_PROBE = 300
_LEAST = 20
_FITS = 0.85
_CHECKSUM_FITS = 0.7
_FORMS = 5
_FORM_SHARE = 0.05
_FORMS_COVER = 0.97
_FORMS_DOUBTED = 0.85
_DATES = 0.8
_DATE_LONGEST = 30
_UNIT = r"^\s*([+-]?[0-9][0-9.,]*)\s*([A-Za-z°%µ\"'.]{1,12})\s*$"
_GROUPED = re.compile(r"9{1,3}([,.' ]999)*([,.]9+)?")
_MOJIBAKE = r"Ã[\x{80}-\x{BF}©¨¼¶¤Ÿ]|â€|Â[\x{A0}-\x{BF}]|\x{FFFD}"


def find_text(table: CheckTable, name: str) -> Iterable[Rule]:
    """Rules for one column of text, each with how sure it is; nothing for other columns."""
    if table.column(name).kind not in ("string", "mixed") or not table.rows:
        return
    sample = sample_of(table, name)
    if len(sample) < _LEAST:
        return
    dates = _date_forms(sample)
    kind = None if _several(dates) else _kind_of(sample)
    if kind is None and dates:
        yield _one_date_form(name, dates)
    elif kind is not None:
        level = Severity.HIGH if kind.checksum else Severity.MEDIUM
        yield _found(Rule.of("type_is", name, type=kind.name, missing_passes=True), level, 0.95, 0.75)
    elif _share(sample, f"^(?:{TYPES['number'].pattern})$") >= _FITS:
        yield _found(Rule.of("type_is", name, type="number", missing_passes=True), Severity.MEDIUM, 0.9, _FITS)
    else:
        units = list(_unit(name, sample))
        yield from units or _form(name, sample)
        yield from find_odd_values(table, name)
    yield from _blanks(name, sample)


def sample_of(table: CheckTable, name: str) -> pl.Series:
    """An even sample of the texts that say something."""
    texts = table.text(name).drop_nulls()
    taken = texts.gather_every(max(1, len(texts) // _SAMPLE))
    return taken.filter(~table.says_nothing(name, taken))


def _found(rule: Rule, severity: Severity, confidence: float, support: float) -> Rule:
    return rule.but(severity=severity, origin="found", confidence=confidence, support=support)


def _share(sample: pl.Series, pattern: str) -> float:
    return float(sample.str.contains(pattern).sum()) / len(sample)


@cache
def _found_types() -> tuple[TextType, ...]:
    return tuple(t for t in TYPES.values() if t.found)


def _kind_of(sample: pl.Series) -> TextType | None:
    """The first type nearly all of the sample has; a checksum must pass far more often than by chance."""
    head = sample.gather_every(max(1, len(sample) // _PROBE))
    for kind in _found_types():
        cleaned = head
        for char in kind.clean:
            cleaned = cleaned.str.replace_all(char, "", literal=True)
        if _share(cleaned, f"^(?:{kind.pattern})$") < _FITS - 0.05:
            continue
        valid = is_valid(kind, sample, Progress()).sum() / len(sample)
        if valid >= (_CHECKSUM_FITS if kind.checksum else _FITS):
            return kind
    return None


# -- forms -------------------------------------------------------------------------------------------------------
def _form(name: str, sample: pl.Series) -> Iterable[Rule]:
    """Codes that come in few exact forms, as one pattern: ``AC`` and eight digits."""
    texts = sample.to_list()
    forms = Counter(map(_form_of, texts))
    usual = _usual_forms(forms)
    covered = sum(forms[f] for f in usual)
    if not usual or covered < _FORMS_DOUBTED * len(texts) or "9" not in usual[0] or len(set(texts)) < 0.2 * len(texts):
        return
    if _any_length(forms, usual) or all(_GROUPED.fullmatch(f) for f in usual):
        return
    groups: dict[str, list[str]] = {f: [] for f in usual}
    for text in texts:
        if (form := _form_of(text)) in groups:
            groups[form].append(text)
    pattern = "^(?:" + "|".join(_pattern_of(form, groups[form]) for form in usual) + ")$"
    rule = Rule.of("regex", name, pattern=pattern, missing_passes=True)
    yield _found(rule, Severity.MEDIUM, 0.9, _FORMS_COVER).but(name=f"{name} has its usual form ({' or '.join(usual[:3])})")


def _usual_forms(forms: Counter[str]) -> list[str]:
    """The most frequent form and others that come often, hold digits as it does, and are not drowned by it."""
    ranked = sorted(forms.items(), key=lambda kv: (-kv[1], kv[0]))[:_FORMS]
    total = forms.total()
    if ranked and ranked[0][1] >= _FORMS_DOUBTED * total:
        return [ranked[0][0]]
    return [f for f, n in ranked if n >= _FORM_SHARE * total and ("9" in f) >= ("9" in ranked[0][0])]


def _any_length(forms: Counter[str], usual: list[str]) -> bool:
    """Whether forms differ in how many digits stand in a place, rare ones too: a number of any length is no fault of form."""
    runs = Counter(re.sub(r"9+", "9", f) for f in usual)
    several = {run for run, n in runs.items() if n > 1}
    return any(re.sub(r"9+", "9", f) in several for f in forms if f not in usual)


def _form_of(text: str) -> str:
    out = re.sub(r"[0-9]", "9", text[:40])
    return re.sub(r"[^\W\d_]", lambda m: "A" if m.group().isupper() else "a", out)


def _pattern_of(form: str, texts: list[str]) -> str:
    """The form as a pattern; a letter or sign that never changes stands for itself."""
    out: list[str] = []
    for place, char in enumerate(form):
        seen = {t[place] for t in texts[:2000]}
        if char not in "9Aa" or (len(seen) == 1 and char != "9"):
            out.append(re.escape(next(iter(seen))))
        else:
            out.append({"9": "[0-9]", "A": r"\p{Lu}", "a": r"[\p{L}&&[^\p{Lu}]]"}[char])
    return _runs(out)


def _runs(parts: list[str]) -> str:
    """Equal neighbours counted: ``[0-9][0-9]`` as ``[0-9]{2}``."""
    out, count = "", 0
    for place, part in enumerate(parts):
        count += 1
        if place + 1 == len(parts) or parts[place + 1] != part:
            out += part + (f"{{{count}}}" if count > 1 else "")
            count = 0
    return out


# -- dates -------------------------------------------------------------------------------------------------------
def _date_forms(sample: pl.Series) -> Counter[str]:
    """How often dates stand in each way of writing, as patterns, where nearly all of the sample are dates; else empty.

    >>> sorted(_date_forms(pl.Series(["2026-05-03", "3/5/2026", "13/05/2026"])).values())
    [1, 2]
    """
    from ..cleaning._dates import is_written_date  # the cleaner imports the checks

    head = sample.gather_every(max(1, len(sample) // _PROBE)).to_list()
    if sum(_dated(t, is_written_date) for t in head) < _DATES * len(head):
        return Counter()
    return Counter(_date_pattern(t) for t in sample.to_list() if _dated(t, is_written_date))


def _dated(text: str, reads: Callable[[str], bool]) -> bool:
    return len(text) <= _DATE_LONGEST and not text.isdigit() and reads(text)


def _several(forms: Counter[str]) -> bool:
    return bool(forms) and max(forms.values()) < _FITS * forms.total()


def _date_pattern(text: str) -> str:
    """How a date is written: a day or month of one digit or two is the same way, and so is a name of any length."""
    names = re.sub(r"[^\W\d_]+", "a", text)
    spans = re.sub(r"[0-9]+", lambda m: "9" * max(2, len(m[0])), names)
    parts = {"a": r"\p{L}+", "99": "[0-9]{1,2}"}
    return "".join(parts.get(p) or (f"[0-9]{{{len(p)}}}" if p[0] == "9" else re.escape(p)) for p in re.findall(r"9+|a|[^9a]", spans))


def _one_date_form(name: str, forms: Counter[str]) -> Rule:
    """The way that most dates of the column are written; told however many are written in another."""
    usual = min(forms, key=lambda f: (-forms[f], not f.startswith("[0-9]{4}"), f))  # the year first among equals
    shown = re.sub(r"\[0-9\]\{(?:1,)?([0-9])\}", lambda m: "9" * int(m[1]), usual).replace(r"\p{L}+", "name").replace("\\", "")
    rule = Rule.of("regex", name, pattern=f"^(?:{usual})$", missing_passes=True).but(dimension=Dimension.CONSISTENCY)
    said = f"{name} has one date format ({shown}; {len(forms):,} in use)" if len(forms) > 1 else f"{name} has one date format ({shown})"
    return _found(rule, Severity.MEDIUM, 0.9, 0.0).but(name=said)


# -- units -------------------------------------------------------------------------------------------------------
def _unit(name: str, sample: pl.Series) -> Iterable[Rule]:
    """Numbers with one usual unit: another unit, or none, is a mixture; what is no number is left alone."""
    units = sample.str.extract(_UNIT, 2)
    plain = _share(sample, f"^\\s*(?:{TYPES['number'].pattern})\\s*$")
    if units.drop_nulls().is_empty() or units.count() / len(sample) + plain < _FITS:
        return
    usual, count = Counter(units.drop_nulls().to_list()).most_common(1)[0]
    if count < 0.6 * len(sample):
        return
    pattern = rf"^\s*[+-]?[0-9][0-9.,]*\s*{re.escape(usual)}\s*$|^\s*[^0-9+.\s-]"
    rule = Rule.of("regex", name, pattern=pattern, missing_passes=True).but(dimension=Dimension.CONSISTENCY)
    yield _found(rule, Severity.MEDIUM, 0.8, 0.6).but(name=f"{name} in one unit ({usual})")


# -- blanks and broken characters --------------------------------------------------------------------------------
def _blanks(name: str, sample: pl.Series) -> Iterable[Rule]:
    """Blanks before or after, and characters broken by a wrong encoding."""
    rule = Rule.of("not_regex", name, pattern=r"^\s+\S|\S\s+$")
    yield _found(rule, Severity.LOW, 0.8, 0.7).but(name=f"{name} without stray blanks")
    broken = Rule.of("not_regex", name, pattern=_MOJIBAKE)
    yield _found(broken, Severity.MEDIUM, 0.9, 0.5).but(name=f"{name} without broken characters")
