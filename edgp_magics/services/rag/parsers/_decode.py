"""Bytes to text, whatever encoding they are in."""

from __future__ import annotations

import codecs
import contextlib
import re

from ....errors import KnowledgeError

_SAMPLE = 20_000
_ODD, _FEW_ODD = 0.08, 4
_ODD_CHARACTER = re.compile("[\ufffd\x01-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_TELLING = 8
"""Fewer bytes beyond ASCII say nothing of the encoding."""
_WESTERN = "cp1252"
_NAMES = {_WESTERN: "Windows-1252"}
_EASTERN = (
    "shift_jis cp932 euc_jp iso2022_jp gb2312 gbk gb18030 big5 big5hkscs euc_kr cp949 johab",
    "koi8_r cp1251 iso8859_5 cp866 mac_cyrillic cp1253 iso8859_7 cp1255 iso8859_8 cp1256 iso8859_6 cp874 tis_620",
)
"""Encodings of scripts that read as western would be noise; among the western ones a guess is no better than the usual one."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, *, declared: str = "") -> tuple[str, tuple[str, ...]]:
    r"""The text, with line ends as ``\n``, and a note when its encoding had to be guessed.

    ``declared`` is the encoding the document names itself. Bytes that are no text in any encoding are refused.

    >>> decode("Größe".encode("cp1252"))
    ('Größe', ('not UTF-8; read as Windows-1252',))
    """
    mark = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    wide = "" if mark else _wide(data)
    for encoding in (mark or wide or "utf-8", declared):
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            text = data.decode(encoding, "replace" if wide else "strict") if encoding else ""
            if text:
                return _read(text), ((f"not UTF-8; read as {encoding.upper()}",) if encoding == wide else ())
    guess = _guessed(data)
    return _read(data.decode(guess, "replace")), (f"not UTF-8; read as {_NAMES.get(guess, guess)}",)


def _guessed(data: bytes) -> str:
    """The encoding whose text looks most like writing: western, unless another is clearly better."""
    from bs4.dammit import EncodingDetector

    if sum(byte > 0x7F for byte in data[:_SAMPLE]) < _TELLING:
        return _WESTERN
    found = next(iter(EncodingDetector(data[:_SAMPLE]).encodings), _WESTERN).lower().replace("-", "_").replace("windows_", "cp")
    return found if found in " ".join(_EASTERN).split() else _WESTERN


def _read(text: str) -> str:
    """Tidy text; :class:`KnowledgeError` when it is no text but bytes of another kind."""
    sample = text[:_SAMPLE]
    odd = len(_ODD_CHARACTER.findall(sample))
    if odd > max(_FEW_ODD, _ODD * len(sample)):
        raise KnowledgeError("this is no text: most of it are bytes of another kind.", hint="Give the document in its own format.")
    return _tidy(text)


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
