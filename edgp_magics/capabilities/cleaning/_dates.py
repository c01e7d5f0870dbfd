"""Dates and times in other forms than most of their column."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ._hits import Hits, respelled, suspects
from ._view import View

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_NUMERIC = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})([- ])([A-Za-z]{3,9})\.?(,?[- ])(\d{4}|\d{2})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(,? )(\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(\s?)([AaPp]\.?\s?[Mm]?\.?)?(?![\w:])")

Order = str
_WITNESSES = 3
"""So many dates that can be read in one way only decide how the others of their form are read."""


@dataclass(frozen=True)
class _Date:
    """A date as written: three numbers, their order, and the form. ``order`` is ``?`` when day and month may be swapped."""

    form: tuple[str, ...]
    order: Order
    parts: tuple[int, int, int]

    def value(self, order: Order | None = None) -> dt.date | None:
        named = dict(zip(order or self.order, self.parts, strict=True)) if "?" not in (order or self.order) else {}
        try:
            return dt.date(named["y"], named["m"], named["d"]) if named else None
        except ValueError:
            return None

    def either_way(self, order: Order) -> bool:
        """Whether it is another date, no less possible, with day and month the other way round."""
        turned = self.value(_turned(order)) if "?" in self.order else None
        return turned is not None and turned != self.value(order)


@dataclass(frozen=True)
class _Told:
    """The order of day and month that the dates of one form tell, and how many of them tell it; None where they do not."""

    order: Order | None
    witnesses: int


def day_of(text: str) -> int | None:
    """The day (as an ordinal) of a date that can be read in one way only, alone or before a time of day."""
    date = _read(text[:10] if len(text) > 10 and text[10] in " T" else text)
    if date is None:
        return None
    orders = [date.order.replace("??", pair) for pair in (("md",) if date.order[0] == "y" else ("md", "dm"))]
    days = {value for order in orders if (value := date.value(order)) is not None}
    return days.pop().toordinal() if len(days) == 1 else None


def is_written_date(text: str) -> bool:
    """Whether a text is a date as people write it, alone or before a time of day."""
    return _read(_day_part(text)) is not None


def days_of(texts: Sequence[str], counts: Sequence[int]) -> list[dt.date | None]:
    """The day of each text; None where it is none, or where nothing tells which part is the month.

    ``counts`` says how often each text stands in its column: the dates of one form tell together how they are read.
    """
    dates = {c: read for c, t in enumerate(texts) if (read := _read(_day_part(t))) is not None}
    forms: defaultdict[tuple[str, ...], list[tuple[int, _Date]]] = defaultdict(list)
    for code, date in dates.items():
        forms[date.form].append((code, date))
    orders = {form: _order_of(counts, same).order for form, same in forms.items()}
    days = {c: d.value(orders[d.form] or d.order) for c, d in dates.items()}
    return [days.get(c) for c in range(len(texts))]


def _day_part(text: str) -> str:
    return text[:10] if len(text) > 10 and text[10] in " T" and ":" in text else text


def find_date_formats(view: View) -> list[Hits]:
    """Dates and times respelled as most of the column writes them, and dates whose parts are swapped."""
    if not view.is_text or not view.filled:
        return []
    return _find_dates(view) or _find_times(view)


def is_date_column(view: View) -> bool:
    """Whether most values are dates in some form, so that their digits are no code."""
    return view.share("date", lambda t: len(t) <= 20 and not t.isdigit() and _read(t) is not None) > 0.5


# -- dates ---------------------------------------------------------------------------------------------------------
def _find_dates(view: View) -> list[Hits]:
    parsed = {c: d for c, t in enumerate(view.texts) if len(t) <= 20 and (d := _read(t)) is not None}
    if view.weight(parsed) < 0.8 * view.filled or all(view.texts[c].isdigit() for c in parsed):
        return []
    forms = Counter[tuple[str, ...]]()
    for c, d in parsed.items():
        forms[d.form] += int(view.counts[c])
    main, most = forms.most_common(1)[0]
    if most < 0.6 * view.weight(parsed):
        return []
    counts = view.counts.tolist()
    orders = {form: _order_of(counts, [(c, d) for c, d in parsed.items() if d.form == form]) for form in forms}
    return _respell(view, parsed, main, orders)


def _respell(view: View, parsed: dict[int, _Date], main: tuple[str, ...], orders: dict[tuple[str, ...], _Told]) -> list[Hits]:
    target = orders[main].order
    if target is None:
        return []
    padded = _pads(view, [c for c, d in parsed.items() if d.form == main])
    found: defaultdict[tuple[str, str], dict[int, str | None]] = defaultdict(dict)
    for code, date in parsed.items():
        kind, value = _judged(date, orders[date.form], date.form == main, target)
        was = (_turned(target) if kind == "swapped" else orders[date.form].order) or date.order
        shapes = f": {_letters(date.form, was)} → {_letters(main, target)}" if kind in _REPAIRED else ""
        found[kind, shapes][code] = _written(value, main, target, padded) if value is not None else None
    out = []
    for (kind, shapes), news in sorted(found.items()):
        if kind in _SAID:
            detector, sure, reason = _SAID[kind]
            rows = view.rows_of(list(news))
            out.append(
                respelled(view, detector, news, sure, reason + shapes)
                if kind in _REPAIRED
                else suspects(view, detector, rows, sure, reason)
            )
    return out


def _letters(form: tuple[str, ...], order: Order) -> str:
    """How a form is written, with letters for the parts: ``DD/MM/YYYY``."""
    if form[0] == "compact":
        return "YYYYMMDD"
    if form[0] == "num":
        year = "YY" if form[2] == "y2last" else "YYYY"
        return form[1].join({"y": year, "m": "MM", "d": "DD"}[p] for p in order)
    if form[0] == "day":
        return f"DD{form[1]}{_month_letters(form[2])}{form[3]}{'Y' * int(form[4])}"
    return f"{_month_letters(form[1])} DD{form[2]}YYYY"


def _month_letters(style: str) -> str:
    return "MMMM" if style.lower() == "full" else "MMM"


def _judged(date: _Date, told: _Told, is_main: bool, target: Order) -> tuple[str, dt.date | None]:
    """What is to be said about a date, as a key of ``_SAID`` (or ``fine``), and the date that it is."""
    value = date.value(told.order) if told.order else None
    if told.order is None:
        return ("fine" if is_main else "open"), None
    if is_main and value is None and (turned := date.value(_turned(target))) is not None:
        return "swapped", turned
    if value is None:
        return "never", None
    if is_main:
        return "fine", None
    return ("other" if told.witnesses >= _WITNESSES or not date.either_way(told.order) else "guessed"), value


_REPAIRED = frozenset({"other", "guessed", "swapped"})
_SAID = {
    "other": ("date_format", 0.95, "a date in another form than most of the column"),
    "guessed": ("date_format", 0.8, "a date in another form; few dates like it say which part is the month"),
    "swapped": ("date_parts", 0.9, "day and month in the other order than the rest of the column"),
    "never": ("impossible", 0.9, "no day of the calendar"),
    "open": ("date_format", 0.6, "a date in another form, and nothing says which part is the month"),
}


def _read(text: str) -> _Date | None:
    for pattern, make in ((_NUMERIC, _numeric), (_COMPACT, _compact), (_DAY_FIRST, _day_first), (_MONTH_FIRST, _month_first)):
        match = pattern.fullmatch(text)
        if match:
            return make(match)
    return None


def _numeric(match: re.Match[str]) -> _Date | None:
    a, sep, b, c = match.groups()
    if len(a) == 4 and len(c) <= 2:
        return _Date(("num", sep, "y4first"), "y??", (int(a), int(b), int(c)))
    if len(a) > 2 or len(c) not in (2, 4):
        return None
    return _Date(("num", sep, f"y{len(c)}last"), "??y", (int(a), int(b), _year(c)))


def _compact(match: re.Match[str]) -> _Date | None:
    parts = tuple(int(p) for p in match.groups())
    ok = 1800 <= parts[0] <= 2200 and 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31
    return _Date(("compact",), "ymd", (parts[0], parts[1], parts[2])) if ok else None


def _day_first(match: re.Match[str]) -> _Date | None:
    month = _month(match[3])
    if not month:
        return None
    return _Date(("day", match[2], _name_style(match[3]), match[4], str(len(match[5]))), "dmy", (int(match[1]), month, _year(match[5])))


def _month_first(match: re.Match[str]) -> _Date | None:
    month = _month(match[1])
    if not month:
        return None
    return _Date(("month", _name_style(match[1]), match[3], "4"), "mdy", (month, int(match[2]), int(match[4])))


def _month(word: str) -> int:
    low = word.lower()
    return next((i for i, name in enumerate(_MONTHS, 1) if low == name or low == name[:3] or (low == "sept" and i == 9)), 0)


def _name_style(word: str) -> str:
    length = "abc" if len(word) == 3 else "full"
    return length.upper() if word.isupper() else length.title() if word[0].isupper() else length


def _year(text: str) -> int:
    number = int(text)
    return number if len(text) == 4 else number + (2000 if number < 50 else 1900)


def _order_of(counts: Sequence[int], dates: list[tuple[int, _Date]]) -> _Told:
    """Which of the two small numbers is the month, by what cannot be one."""
    order = dates[0][1].order
    if "?" not in order:
        return _Told(order, _WITNESSES)
    first, second = (1, 2) if order[0] == "y" else (0, 1)
    day_first = sum(int(counts[c]) for c, d in dates if d.parts[first] > 12)
    month_first = sum(int(counts[c]) for c, d in dates if d.parts[second] > 12)
    if order[0] == "y" and month_first >= day_first:
        return _Told("ymd", _WITNESSES)
    if max(day_first, month_first) < 10 * min(day_first, month_first) or day_first == month_first:
        return _Told(None, 0)
    pair = "dm" if day_first > month_first else "md"
    return _Told(order.replace("??", pair), max(day_first, month_first))


def _turned(order: Order) -> Order:
    return order.translate(str.maketrans("md", "dm"))


def _pads(view: View, codes: list[int]) -> bool:
    """Whether most small parts are written with a leading zero."""
    small = padded = 0
    for code in codes:
        for part in re.findall(r"\d+", view.texts[code]):
            if len(part) <= 2 and int(part) < 10:
                small += int(view.counts[code])
                padded += int(view.counts[code]) * part.startswith("0")
    return padded > 0.5 * small


def _written(value: dt.date, form: tuple[str, ...], order: Order, padded: bool) -> str:
    small = "02d" if padded else "d"
    day, month = format(value.day, small), format(value.month, small)
    if form[0] == "compact":
        return f"{value:%Y%m%d}"
    if form[0] == "num":
        year = f"{value.year:04d}" if form[2] != "y2last" else f"{value.year % 100:02d}"
        return form[1].join({"y": year, "m": month, "d": day}[p] for p in order)
    if form[0] == "day":
        year = f"{value.year:04d}" if form[4] == "4" else f"{value.year % 100:02d}"
        return f"{day}{form[1]}{_month_name(value.month, form[2])}{form[3]}{year}"
    return f"{_month_name(value.month, form[1])} {day}{form[2]}{value.year:04d}"


def _month_name(month: int, style: str) -> str:
    name = _MONTHS[month - 1] if style.lower() == "full" else _MONTHS[month - 1][:3]
    return name.upper() if style.isupper() else name.title() if style.istitle() else name


# -- times ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Time:
    form: tuple[str, ...]
    seconds: int
    alone: bool
    exact: bool


def _find_times(view: View) -> list[Hits]:
    parsed = {c: t for c, text in enumerate(view.texts) if len(text) <= 60 and (t := _read_time(text)) is not None}
    alone = {c: t for c, t in parsed.items() if t.alone}
    if not alone or view.weight(parsed) < 0.8 * view.filled or view.weight(alone) < 0.4 * view.weight(parsed):
        return []
    forms = Counter[tuple[str, ...]]()
    for c, t in alone.items():
        forms[t.form] += int(view.counts[c])
    main, most = forms.most_common(1)[0]
    if most < 0.6 * view.weight(alone):
        return []
    padded = _pads_hour(view, [c for c, t in alone.items() if t.form == main])
    respell: dict[int, str | None] = {}
    strip: dict[int, str | None] = {}
    for code, time in parsed.items():
        text = _written_time(time, main, padded)
        if text is not None and text != view.texts[code] and (time.form != main or not time.alone):
            (respell if time.alone else strip)[code] = text
    out = []
    if respell:
        out.append(respelled(view, "time_format", respell, 0.95, "a time in another form than most of the column"))
    if strip:
        out.append(respelled(view, "time_format", strip, 0.9, "a time with other words or a date around it, in a column of times"))
    return out


def _read_time(text: str) -> _Time | None:
    found = list(_CLOCK.finditer(text))
    if len(found) != 1:
        return None
    hour, minute, second, gap, half = found[0].groups()
    number, low = int(hour), (half or "").replace(".", "").replace(" ", "").lower()
    if int(minute) > 59 or number > (12 if half else 24):
        return None
    if half:
        number = number % 12 + (12 if low.startswith("p") else 0)
    style = re.sub(r"[AaPp]", lambda m: "A" if m[0].isupper() else "a", half or "", count=1)
    form = ("12" if half else "24", "s" if second else "", gap if half else "", style)
    return _Time(form, number * 3600 + int(minute) * 60 + int(second or 0), found[0].group() == text, True)


def _written_time(time: _Time, form: tuple[str, ...], padded: bool) -> str | None:
    hour, minute, second = time.seconds // 3600, time.seconds // 60 % 60, time.seconds % 60
    if form[0] == "12":
        shown = hour % 12 or 12
        half = (
            form[3].replace("a", "p" if hour >= 12 else "a", 1) if "a" in form[3] else form[3].replace("A", "P" if hour >= 12 else "A", 1)
        )
    else:
        shown, half = hour, ""
    if time.form[1] and not form[1] and second:
        return None  # dropping seconds would lose something
    clock = f"{shown:02d}" if padded else str(shown)
    return f"{clock}:{minute:02d}" + (f":{second:02d}" if form[1] else "") + form[2] + half


def _pads_hour(view: View, codes: list[int]) -> bool:
    early = [c for c in codes if view.texts[c][:1] == "0" or not view.texts[c][1:2].isdigit()]
    return view.weight([c for c in early if view.texts[c][0] == "0"]) > 0.5 * view.weight(early) if early else False
