"""A document as the MIME bundle of a cell output."""

from __future__ import annotations

from ..values import Document
from ._html import to_html
from ._markdown import to_markdown
from ._text import to_text


def to_bundle(document: Document) -> dict[str, str]:
    """``text/plain``, ``text/markdown`` and ``text/html``; the same bytes for the same document."""
    return {
        "text/plain": to_text(document, folds=False),
        "text/markdown": to_markdown(document),
        "text/html": to_html(document),
    }
