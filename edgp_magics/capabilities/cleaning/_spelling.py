"""One value in several spellings: letter case, punctuation, and codes that break their column's template."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from ._dates import is_date_column
from ._hits import Hits, respelled
from ._numbers import number_share
from ._view import View

_WORDS = re.compile(r"[^\W_]+")
_SILENT = re.compile(r"[.'\u2019`!]")
_JUNK = re.compile(r"(?<=[^\W\d_]{4})[^\w\s)\]}]+$|^[^\w\s(\[{]+(?=[^\W\d_]{4})")
_SEPARATORS = frozenset("-_/.,:;()[]'\u2013\u2019")
_MONEY = frozenset("$\u20ac\u00a3\u00a5%\u2030\u00b0")
_GAPS = re.compile(r"[-_/\s]+")


def find_spellings(view: View) -> list[Hits]:
    """Cells that differ from a far more frequent value, or from the column's template, in case or punctuation alone."""
    if not view.is_text or not view.filled or number_share(view) > 0.5:
        return []
    out = [] if is_date_column(view) else _template(view)
    if view.prose:
        return out
    return [*out, *_variants(view), *_case_style(view)]


# -- the same value, otherwise spelled -------------------------------------------------------------------------------
def _variants(view: View) -> list[Hits]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for code, text in enumerate(view.texts):
        if len(text) <= 80:
            if view.counts[code] <= 2 and _JUNK.search(text):
                text = _JUNK.sub("", text)
            groups[_GAPS.sub(" ", _SILENT.sub("", text.casefold())).strip()].append(code)
    case: dict[int, str | None] = {}
    marks: dict[int, str | None] = {}
    for key, codes in groups.items():
        if len(codes) < 2 or sum(ch.isalpha() for ch in key) < 2:
            continue  # initials and codes of one letter
        main = codes[0]  # codes are by falling count
        for code in codes[1:]:
            if view.counts[main] >= max(3, 4 * view.counts[code]):
                same = view.texts[code].casefold() == view.texts[main].casefold()
                (case if same else marks)[code] = view.texts[main]
    out = []
    if case:
        out.append(respelled(view, "letter_case", case, 0.96, "the same value occurs far more often in another case"))
    if marks:
        out.append(respelled(view, "punctuation", marks, 0.92, "the same words occur far more often with other punctuation"))
    return out


def _case_style(view: View) -> list[Hits]:
    """Values in lower or upper case where nearly every other value is in one style."""
    styles = Counter[str]()
    of = {c: _style(t) for c, t in enumerate(view.texts)}
    for code, style in of.items():
        styles[style] += int(view.counts[code])
    total = sum(n for s, n in styles.items() if s)
    styled = [(n, s) for s, n in styles.items() if s in ("lower", "upper", "title")]
    if not styled or total < 20:
        return []
    most, main = max(styled)
    if most < 0.97 * total:
        return []
    restyle = {"lower": str.lower, "upper": str.upper, "title": _title}[main]
    odd = {c: restyle(view.texts[c]) for c, style in of.items() if style in ("lower", "upper") and style != main}
    if not odd:
        return []
    known = {w for c, t in enumerate(view.texts) if of[c] == main for w in _WORDS.findall(t)}
    new: dict[int, str | None] = {c: t for c, t in odd.items() if all(w in known for w in _WORDS.findall(t))}
    reason = f"letters in another case than nearly all of the column ({main}), where the same words occur"
    return [respelled(view, "letter_case", new, 0.93, reason)] if new else []


def _style(text: str) -> str:
    words = re.findall(r"[^\W\d_]+", text)
    if not words or (len(words) == 1 and len(words[0]) < 2):
        return ""
    if text.islower():
        return "lower"
    if text.isupper():
        return "upper"
    return "title" if all(w[0].isupper() for w in words) else "mixed"


def _title(text: str) -> str:
    return re.sub(r"[^\W\d_]+('[^\W\d_]+)?", lambda m: m.group()[0].upper() + m.group()[1:].lower(), text)


# -- the template of a code ------------------------------------------------------------------------------------------
def _template(view: View) -> list[Hits]:
    """Codes whose letters and digits fit the column's template but whose punctuation or case does not."""
    shapes = Counter[str]()
    short = [(c, t) for c, t in enumerate(view.texts) if len(t) <= 40]
    for code, text in short:
        shapes[_shape(text)] += int(view.counts[code])
    if not shapes:
        return []
    main, most = min(shapes.items(), key=lambda kv: (-kv[1], kv[0]))
    bare = _bare(main)
    if _MONEY & set(main):
        return []  # amounts: a sign or bracket more makes another amount
    if most < 0.7 * view.filled or sum(ch == "9" for ch in main) < 3 or (bare == main and not main.strip("9")):
        return []
    alike = sum(n for shape, n in shapes.items() if _runs(shape) == _runs(main))
    if most < 0.97 * alike:
        return []  # the parts vary in length: there is no one place for the punctuation
    new: dict[int, str | None] = {}
    for code, text in short:
        shape = _shape(text)
        if _marks(shape) != _marks(main):
            continue
        if _runs(shape) != _runs(main) and _bare(shape).lower() == bare.lower() and _groups(shape) in (_groups(main), (len(bare),)):
            new[code] = _poured(text, main)
    return (
        [respelled(view, "template", new, 0.95, "the same letters and digits as the column's template, punctuated otherwise")]
        if new
        else []
    )


def _shape(text: str) -> str:
    return "".join("9" if ch.isdigit() else ("A" if ch.isupper() else "a") if ch.isalpha() else ch for ch in text)


def _runs(shape: str) -> str:
    """The shape without the lengths of its runs: ``99/999`` and ``999/99`` are alike."""
    return re.sub(r"(9|A|a)\1*", r"\1", shape)


def _groups(shape: str) -> tuple[int, ...]:
    """How long the groups between the punctuation are: ``31/02/2025`` is 2, 2, 4, which no 4-2-2 template may swallow."""
    return tuple(len(g) for g in re.split(r"[^9Aa]+", shape) if g)


def _marks(shape: str) -> Counter[str]:
    """The signs that mean something of their own, not just part one piece from the next."""
    return Counter(ch for ch in shape if ch not in "9Aa" and ch not in _SEPARATORS and not ch.isspace())


def _bare(shape: str) -> str:
    return "".join(ch for ch in shape if ch in "9Aa")


def _poured(text: str, shape: str) -> str:
    """The letters and digits of ``text`` in the punctuation and case of ``shape``."""
    signs = iter(ch for ch in text if ch.isalnum())
    out = []
    for place in shape:
        if place in "9Aa":
            sign = next(signs)
            out.append(sign.upper() if place == "A" else sign.lower() if place == "a" else sign)
        else:
            out.append(place)
    return "".join(out)
