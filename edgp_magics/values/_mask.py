"""Masking: how a raw cell value may be shown."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from numbers import Real
from typing import Any

_LIMIT = 60


def mask(value: Any, *, keep: int = 1) -> str:
    """``value`` with its shape kept and its content hidden.

    Letters become ``x`` or ``X`` and digits ``9`` but for the first ``keep`` characters; punctuation stays, so
    that a format fault can still be seen.

    >>> mask("Alice Tan"), mask("4111-1111"), mask("a.tan@example.org")
    ('Axxxx Xxx', '4999-9999', 'a.xxx@xxxxxxx.xxx')
    >>> mask(None)
    'null'
    """
    if value is None:
        return "null"
    text = str(value)
    if len(text) > _LIMIT:
        text = text[:_LIMIT] + "…"
    return text[:keep] + "".join(map(_hide, text[keep:])) if len(text) > 2 else "".join(map(_hide, text))


_PLAIN_LABEL = re.compile(r"[A-Za-z]{0,5}[-_ #]?[0-9]{1,6}|[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[ T][0-9:.]{5,15})?)?|[0-9]{4}-?[QW][0-9]{1,2}")


def mask_label(label: Any) -> Any:
    """A row label as it may be shown: text may be a name, an address or an identifier and is masked, short codes and dates stay.

    So are numbers of nine digits and more, which are those of cards, phones and people rather than of rows.

    >>> mask_label("a.tan@example.org"), mask_label("O-0012"), mask_label(("Alice Tan", 3)), mask_label(12), mask_label(4539578763621486)
    ('x.xxx@xxxxxxx.xxx', 'O-0012', ('Xxxxx Xxx', 3), 12, '9999999999999999')
    """
    if isinstance(label, tuple):
        return tuple(mask_label(part) for part in label)
    if isinstance(label, (str, bytes)):
        text = label if isinstance(label, str) else label.decode("utf-8", "replace")
        return label if isinstance(label, str) and _PLAIN_LABEL.fullmatch(label) else mask(text, keep=0)
    return mask(label, keep=0) if isinstance(label, (Real, Decimal)) and _has_nine_digits(label) else label


def _has_nine_digits(number: Any) -> bool:
    return bool(abs(number) >= 10**8)


def _hide(char: str) -> str:
    if char.isdigit():
        return "9"
    kind = unicodedata.category(char)
    if kind == "Lu":
        return "X"
    return "x" if kind[0] in "LMS" and char not in "$€£¥+<=>|~^`" else char


def shape(value: str) -> str:
    """The character pattern of ``value``: runs of letters as ``A``/``a``, of digits as ``9``.

    >>> shape("AB-1234"), shape("Main St 5")
    ('A-9', 'Aa Aa 9')
    """
    out = re.sub(r"[0-9]+", "9", value)
    out = re.sub(r"[^\W\d_]+", _letters, out)
    return re.sub(r"\s+", " ", out)


def _letters(match: re.Match[str]) -> str:
    word = match.group()
    if word == "9":
        return word
    if word.isupper():
        return "A"
    return "Aa" if word[0].isupper() else "a"
