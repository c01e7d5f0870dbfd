"""Numbers written in several ways: separators, percent signs, currencies, units, float noise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ._hits import Hits, respelled, suspects
from ._view import View

_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SPACED = re.compile(r"[-+]?\d{1,3}(?:[ '\u2019]\d{3})+(?:[.,]\d+)?")
_COMMA = re.compile(r"[-+]?\d+,\d{1,2}|[-+]?\d{1,3}(?:\.\d{3})+,\d+")
_COMMA_THREE = re.compile(r"[-+]?\d{1,3},\d{3}")
_WITH_UNIT = re.compile(r"([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*([^\d\s,;:/][^\d,;:/]*)")
_BEFORE = re.compile(r"([$\u20ac\u00a3\u00a5]|[A-Z]{3} )\s*([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)")
_UNIT = re.compile(r"[^\W\d_][^\W\d_./\u00b2\u00b3]{0,14}|%|\u00b0[CF]?", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_NOISE = re.compile(r"[-+]?\d*\.\d*?(?:0{6,}|9{6,})\d{1,4}")
_PARTS = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)\.?,?\s*")

_TIME = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "mins": 60,
    "minute": 60,
    "m": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
}
_MASS = {"mg": 1e-3, "g": 1, "gram": 1, "kg": 1e3, "kilogram": 1e3, "lb": 453.59237, "pound": 453.59237}
_LENGTH = {
    "mm": 1e-3,
    "cm": 1e-2,
    "m": 1,
    "meter": 1,
    "metre": 1,
    "km": 1e3,
    "kilometer": 1e3,
    "kilometre": 1e3,
    "ft": 0.3048,
    "foot": 0.3048,
    "feet": 0.3048,
    "mi": 1609.344,
    "mile": 1609.344,
}
_VOLUME = {"ml": 1e-3, "cl": 1e-2, "dl": 0.1, "l": 1, "liter": 1, "litre": 1}
_FAMILIES = (_TIME, _MASS, _LENGTH, _VOLUME)
_SAME = {"ounce": "oz", "ounces": "oz", "pounds": "lb", "lbs": "lb", "inches": "in", "inch": "in", "percent": "%", "pct": "%"}


def plain_number(text: str) -> float:
    """The number that ``text`` is, NaN when it is none.

    >>> plain_number("12.5"), plain_number("1,200")
    (12.5, nan)
    """
    return float(text) if _PLAIN.fullmatch(text) and len(text) < 40 else float("nan")


def number_share(view: View) -> float:
    """Share of filled rows that hold a number, however it is written."""
    return view.share("number", _is_number)


def _is_number(text: str) -> bool:
    if len(text) >= 40 or not _DIGIT.search(text):
        return False
    return any(p.fullmatch(text) for p in (_PLAIN, _GROUPED, _SPACED, _COMMA)) or bool(_PLAIN.fullmatch(text.rstrip("% ")))


def shortest(value: float, like: str = "") -> str:
    """A number in its shortest form; ``like`` gives digits to trust (float noise is rounded away).

    >>> shortest(12.0), shortest(0.055999999999999994)
    ('12', '0.056')
    """
    if abs(value) >= 1e15:
        return like or repr(value)
    rounded = float(f"{value:.12g}")
    return str(int(rounded)) if rounded.is_integer() else np.format_float_positional(rounded, trim="-")


def find_number_formats(view: View) -> list[Hits]:
    """Cells of a numeric text column that are written unlike a plain number, or unlike the column's majority."""
    if not view.is_text or not view.filled:
        return []
    for find in (_grouped, _percent, _units):
        hits = find(view)
        if hits:
            return hits
    return _noise(view)


def _grouped(view: View) -> list[Hits]:
    """Thousands separators and decimal commas in a column of numbers."""
    plain = [c for c, t in enumerate(view.texts) if _PLAIN.fullmatch(t)]
    grouped = {c: t for c, t in enumerate(view.texts) if _GROUPED.fullmatch(t) or _SPACED.fullmatch(t)}
    comma = {c: t for c, t in enumerate(view.texts) if c not in grouped and _COMMA.fullmatch(t)}
    if view.weight([*plain, *grouped, *comma]) < 0.95 * view.filled:
        return []
    if grouped and _has_three_decimals(view, plain):
        comma |= {c: t for c, t in grouped.items() if _COMMA_THREE.fullmatch(t)}
    grouped = {c: t for c, t in grouped.items() if c not in comma}
    out = []
    if grouped and _either_way(view, plain, grouped.values()):
        reason = "a comma that may part thousands, decimals or two numbers"
        out.append(suspects(view, "number_format", view.rows_of(list(grouped)), 0.6, reason))
    elif grouped:
        new = {c: re.sub(r"[, '\u2019]", "", t) for c, t in grouped.items()}
        out.append(respelled(view, "number_format", dict(new), 0.98, "thousands separators in a column of numbers"))
    if comma and view.weight(comma) < 0.3 * view.weight(plain):
        new = {c: t.replace(".", "").replace(",", ".") for c, t in comma.items()}
        out.append(respelled(view, "number_format", dict(new), 0.9, "a decimal comma in a column with decimal points"))
    return out


def _has_three_decimals(view: View, plain: Sequence[int]) -> bool:
    """Whether the plain numbers are small and have three decimals: then ``44,598`` is one of them."""
    three = [c for c in plain if re.fullmatch(r"[-+]?\d{1,3}\.\d{3}", view.texts[c])]
    return bool(three) and view.weight(three) >= 0.5 * view.weight(plain)


def _either_way(view: View, plain: Sequence[int], grouped: Iterable[str]) -> bool:
    """Whether commas may be something else than thousands: read so, the numbers are of another size than the plain ones."""
    sizes = [abs(float(view.texts[c])) for c in plain]
    if not sizes:
        return False
    values = [abs(float(re.sub(r"[, '\u2019]", "", t))) for t in grouped]
    return min(values) > 10 * max(sizes) or (max(sizes) >= 1000 and max(values) > 1000 * max(sizes))


def _percent(view: View) -> list[Hits]:
    """A percent sign on some numbers of a column."""
    signed = {c: float(t[:-1]) for c, t in enumerate(view.texts) if t.endswith("%") and _PLAIN.fullmatch(t[:-1].strip())}
    plain = {c: float(t) for c, t in enumerate(view.texts) if _PLAIN.fullmatch(t)}
    with_sign, without = view.weight(signed), view.weight(plain)
    if not signed or not plain or with_sign + without < 0.95 * view.filled:
        return []
    if without >= with_sign:
        factor = _factor(signed.values(), plain.values())
        new = {c: _kept(view.texts[c][:-1].strip()) if factor == 1 else shortest(v * factor) for c, v in signed.items()}
        return [respelled(view, "unit_format", dict(new), 0.97, "a percent sign in a column of plain numbers")]
    factor = 1 / _factor(signed.values(), plain.values(), inverse=True)
    return [
        respelled(
            view, "unit_format", {c: shortest(v * factor) + "%" for c, v in plain.items()}, 0.9, "a plain number in a column of percentages"
        )
    ]


def _factor(signed: Iterable[float], plain: Iterable[float], *, inverse: bool = False) -> float:
    """1 when both are on one scale, 0.01 when the plain ones are fractions of one."""
    a = [abs(v) for v in signed if v]
    b = [abs(v) for v in plain if v]
    if not a or not b:
        return 1.0
    gap = float(np.median(np.log10(a)) - np.median(np.log10(b)))
    return 0.01 if (abs(gap - 2) < abs(gap)) else 1.0


def _kept(text: str) -> str:
    """The digits as they are written, but for float noise."""
    return shortest(float(text)) if _NOISE.fullmatch(text) else text


def _noise(view: View) -> list[Hits]:
    """Decimals that only binary rounding produces."""
    if number_share(view) < 0.95:
        return []
    new = {}
    for code, text in enumerate(view.texts):
        if _NOISE.fullmatch(text):
            done = shortest(float(text))
            if len(done) + 5 <= len(text):
                new[code] = done
    return [respelled(view, "number_format", dict(new), 0.97, "decimals left over from binary rounding")] if new else []


# -- units ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Quantity:
    number: float
    unit: str
    written: str
    digits: str = ""
    summed: bool = False


def _units(view: View) -> list[Hits]:
    """Numbers with one unit in several spellings, with a unit on some only, or in a mixture of convertible units."""
    parsed = {c: q for c, t in enumerate(view.texts) if (q := _quantity(t)) is not None}
    plain = [c for c, t in enumerate(view.texts) if _PLAIN.fullmatch(t)]
    if not parsed or view.weight([*parsed, *plain]) < 0.9 * view.filled:
        return []
    units = Counter[str]()
    for c, q in parsed.items():
        units[q.unit] += int(view.counts[c])
    unit, most = units.most_common(1)[0]
    with_unit = view.weight(parsed)
    if view.weight(plain) > with_unit:
        same = {c: q.digits for c, q in parsed.items() if q.unit == unit}
        if not _is_unit(unit) and (most < 3 or _fixed_width(view, plain)):
            return []
        return (
            [respelled(view, "unit_format", dict(same), 0.93, f"a unit{_named(unit)} in a column of plain numbers")]
            if most >= 0.8 * with_unit
            else []
        )
    if most < 0.8 * with_unit:
        return []
    return _one_spelling(view, parsed, plain, unit)


def _one_spelling(view: View, parsed: dict[int, _Quantity], plain: list[int], unit: str) -> list[Hits]:
    """Most rows have one unit: in one spelling, or in so many that the unit had better belong to the column."""
    forms = Counter[str]()
    for c, q in parsed.items():
        if q.unit == unit:
            forms[q.written] += int(view.counts[c])
    form, count = forms.most_common(1)[0]
    if count < 0.7 * view.weight(parsed):
        exact: dict[int, str | None] = {c: shortest(q.number) for c, q in parsed.items() if q.unit == unit}
        reason = f"numbers with one unit{_named(unit)} in several spellings: the unit belongs to the column"
        return [respelled(view, "unit_format", exact, 0.96, reason)]
    new = {c: t for c, q in parsed.items() if (t := _rendered(q, unit, form)) is not None and t != view.texts[c]}
    same: dict[int, str | None] = {c: t for c, t in new.items() if parsed[c].unit == unit and not parsed[c].summed}
    other: dict[int, str | None] = {c: t for c, t in new.items() if c not in same}
    stray = [c for c, q in parsed.items() if q.unit != unit and c not in new]
    out = []
    if stray:
        out.append(suspects(view, "unit_format", view.rows_of(stray), 0.75, "another unit than most of the column, which is not converted"))
    if same:
        out.append(respelled(view, "unit_format", same, 0.95, f"the unit{_named(unit)} spelled otherwise than in most rows"))
    if other:
        out.append(respelled(view, "unit_format", other, 0.92, f"the same quantity in another unit than most{_named(unit)}"))
    return out


def _rendered(quantity: _Quantity, unit: str, form: str) -> str | None:
    if quantity.unit == unit:
        return shortest(quantity.number) + form if quantity.written != form or quantity.summed else None
    family = next((f for f in _FAMILIES if unit in f and quantity.unit in f), None)
    if family is None:
        return None
    return shortest(round(quantity.number * family[quantity.unit] / family[unit], 6)) + form


def _quantity(text: str) -> _Quantity | None:
    """A number with its unit; several parts (``3 hr. 3 min.``) are summed in the smallest unit."""
    if len(text) > 60:
        return None
    parts = _PARTS.findall(text)
    if len(parts) >= 2 and _PARTS.sub("", text).strip() == "":
        return _summed(parts)
    match = _WITH_UNIT.fullmatch(text)
    if match is None:
        before = _BEFORE.fullmatch(text)
        return None if before is None else _Quantity(_float(before[2]), before[1].strip().lower(), before[1], before[2].replace(",", ""))
    words = match[2].split()
    unit = _unit(words[0].strip(".").lower())
    attached = not match[0][match.end(1) :].startswith(" ")
    if not _UNIT.fullmatch(unit) or (len(words) > 1 and not _is_unit(unit)) or (attached and len(unit) == 1 and unit.isalpha()):
        return None  # a code with a letter, a number with words: no quantity
    return _Quantity(_float(match[1]), unit, text[match.end(1) :], match[1].replace(",", ""))


def _summed(parts: list[tuple[str, str]]) -> _Quantity | None:
    units = [_unit(word.lower()) for _, word in parts]
    family = next((f for f in _FAMILIES if all(u in f for u in units)), None)
    if family is None:
        return None
    least = min(units, key=lambda u: family[u])
    return _Quantity(sum(float(n) * family[u] for (n, _), u in zip(parts, units, strict=True)) / family[least], least, "", summed=True)


def _unit(word: str) -> str:
    if word in _SAME:
        return _SAME[word]
    for family in _FAMILIES:
        if word in family:
            return word
        if word.endswith("s") and word[:-1] in family:
            return word[:-1]
    return word


def _is_unit(word: str) -> bool:
    return word in _SAME.values() or any(word in family for family in _FAMILIES)


def _named(unit: str) -> str:
    """The unit for a reason, where it is one that is known: another word may be a value."""
    return f" ({unit})" if _is_unit(unit) else ""


def _fixed_width(view: View, codes: Sequence[int]) -> bool:
    """Numbers of one length are codes: a letter at their end is no unit."""
    widths = {len(view.texts[c]) for c in codes}
    return len(widths) == 1 and widths.pop() >= 3


def _float(text: str) -> float:
    return float(text.replace(",", ""))
