"""A document as the MIME bundle of a cell output."""

from __future__ import annotations

import re

from ..values import Document
from ._html import to_html
from ._markdown import to_markdown
from ._text import to_text

_TEXT, _MARKDOWN = 30_000, 60_000
_FENCE = re.compile(r"^`{3,}", re.MULTILINE)


def to_bundle(document: Document) -> dict[str, str]:
    """``text/plain``, ``text/markdown`` and ``text/html``; the same bytes for the same document."""
    return {
        "text/plain": _cut(to_text(document, folds=False), _TEXT),
        "text/markdown": _cut(to_markdown(document), _MARKDOWN),
        "text/html": to_html(document),
    }


def _cut(text: str, limit: int) -> str:
    """Whole lines up to the limit: a saved notebook holds all three, and the object has the rest."""
    if len(text) <= limit:
        return text
    kept = text[: text.rfind("\n", 0, limit)]
    fence = "\n" + _FENCE.findall(kept)[-1] if len(_FENCE.findall(kept)) % 2 else ""
    return f"{kept}{fence}\n\n… cut after {limit // 1000} kB; the object has all of it."
