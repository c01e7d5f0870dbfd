"""Damage that says nothing about the value: blanks, invisible characters, HTML entities, doubly decoded UTF-8."""

from __future__ import annotations

import html
import re
import unicodedata

from ._hits import Hits, respelled
from ._view import View

_BLANKS = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b\u2060\ufeff]")
_DIRECTION = re.compile(r"^[\u200e\u200f\u202a-\u202e\u2066-\u2069]+|[\u200e\u200f\u202a-\u202e\u2066-\u2069]+$")
"""Marks of the writing direction at either end; within a text they may be needed."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp|[a-zA-Z]{3,8}(?:acute|grave|uml|tilde|circ|cedil|ring)?);")
_DECODINGS = 3
_DOUBLE = re.compile(
    r"[\u00c2\u00c3\u00e2][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)


def tidy(text: str) -> str:
    """``text`` with blanks collapsed and trimmed, invisible characters dropped, entities and repeated encoding decoded.

    >>> tidy("  a   b &amp; c ")
    'a b & c'
    """
    if _ENTITY.search(text):
        text = html.unescape(text)
    for _ in range(_DECODINGS):
        if _DOUBLE.search(text):
            text = _decoded_once(text)
    text = _DIRECTION.sub("", _INVISIBLE.sub("", text))
    return (
        "\n".join(_BLANKS.sub(" ", line).strip() for line in text.splitlines()).strip() if "\n" in text else _BLANKS.sub(" ", text).strip()
    )


def _decoded_once(text: str) -> str:
    """UTF-8 that was read as Windows-1252 (or Latin-1), read right; the text itself where that does not work."""
    for codec in ("cp1252", "latin-1"):
        try:
            return text.encode(codec).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return text


def find_untidy(view: View) -> list[Hits]:
    """Cells of a text column that tidying changes."""
    if not view.is_text:
        return []
    known = set(view.texts)
    composed = view.share("composed", lambda t: unicodedata.is_normalized("NFC", t)) > 0.5
    changed: dict[int, str | None] = {}
    damaged: dict[int, str | None] = {}
    for code, text in enumerate(view.texts):
        done = tidy(unicodedata.normalize("NFC", text) if composed else text)
        if done == text:
            continue
        only_blanks = "".join(done.split()) == "".join(text.split())
        if only_blanks and text == text.strip() and "  " in text and done not in known and "\u00a0" not in text:
            continue  # two blanks within a text are nobody's error, unless the same value is there with one
        (changed if only_blanks else damaged)[code] = done or None
    out = []
    if changed:
        out.append(respelled(view, "whitespace", changed, 0.99, "leading, trailing or repeated blanks"))
    if damaged:
        out.append(respelled(view, "encoding", damaged, 0.97, "invisible or decomposed characters, HTML entities or text decoded twice"))
    return out
