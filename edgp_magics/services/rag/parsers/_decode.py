"""Bytes to text, whatever encoding they are in."""

from __future__ import annotations

import codecs
import contextlib

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    r"""The text, with line ends as ``\n``, and a note when its encoding had to be guessed.

    >>> decode("Größe".encode("cp1252"))
    ('Größe', ('not UTF-8; read as Windows-1252',))
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    guess = _wide(data) if encoding == "utf-8" else ""
    if not guess:
        with contextlib.suppress(UnicodeDecodeError):
            return _tidy(data.decode(encoding)), ()
    if guess:
        return _tidy(data.decode(guess, "replace")), (f"not UTF-8; read as {guess.upper()}",)
    return _tidy(data.decode("cp1252", "replace")), ("not UTF-8; read as Windows-1252",)


def _wide(data: bytes) -> str:
    """UTF-16 without a mark has a zero in every second byte of western text."""
    head = data[:2_000]
    if head[1::2].count(0) > 0.4 * len(head) / 2:
        return "utf-16-le"
    if head[0::2].count(0) > 0.4 * len(head) / 2:
        return "utf-16-be"
    return ""


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
