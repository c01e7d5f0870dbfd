"""Display: documents to HTML, Markdown and plain text. Pure; every string is treated as hostile."""

from ._bundle import to_bundle
from ._common import clean
from ._html import to_html, to_page
from ._markdown import to_markdown
from ._text import to_text

__all__ = ["clean", "to_bundle", "to_html", "to_markdown", "to_page", "to_text"]
