"""HTML: the visible text with its headings. Scripts, styles and navigation are left out; nothing is fetched or run."""

from __future__ import annotations

import re
import warnings
from typing import Any

from ....errors import KnowledgeError
from .._parsed import Parsed
from ._build import TextBuilder

_LEFT_OUT = ("script", "style", "noscript", "template", "svg", "iframe", "object", "nav", "form", "head")
_BLOCK_NAMES = """
    address article aside blockquote body dd div dl dt fieldset figcaption figure footer header hr li main ol p pre section table tr ul br
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset({"td", "th"})
_HEADING = re.compile(r"h([1-6])$")
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$))",
    re.IGNORECASE,
)
"""A style that shows nothing: text that no reader sees is no knowledge, and a place to hide instructions in."""
_CHARSET = re.compile(
    rb"(?:<meta[^>]{0,200}?charset|<\?xml[^>]{0,200}?encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})",
    re.IGNORECASE,
)


def declared(data: bytes) -> str:
    """The encoding a page names in its first part; empty where it names none.

    >>> declared(b"<html><head><meta charset='iso-8859-2'></head>")
    'iso-8859-2'
    """
    found = _CHARSET.search(data[:4_096])
    return found.group(1).decode("ascii") if found else ""


def parse_html(markup: str) -> Parsed:
    """Blocks become lines, ``h1`` to ``h6`` headings, cells of a row are set apart with a bar."""
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)  # text that looks like an address is text
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        try:
            soup = BeautifulSoup(markup, "html.parser")
        except (RecursionError, AssertionError, ValueError) as error:
            raise KnowledgeError("the HTML cannot be parsed.", reason=str(error)) from None
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    builder = TextBuilder()
    _walk(soup, builder)
    return builder.parsed(title)


def _walk(root: Any, builder: TextBuilder) -> None:
    """Depth first with a list in place of recursion: hostile pages are nested a hundred thousand deep."""
    from bs4.element import NavigableString, PreformattedString, Tag

    todo: list[Any] = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, Tag):  # first, for a tag can be called, too
            todo += _steps(node, builder)
        elif callable(node):
            node()
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            builder.word(_SPACE.sub(" ", str(node)))


def _steps(tag: Any, builder: TextBuilder) -> list[Any]:
    """What is to be done for a tag, last first."""
    name = tag.name or ""
    if name in _LEFT_OUT or tag.get("hidden") is not None or _UNSEEN.search(str(tag.get("style", ""))):
        return []
    children = list(reversed(tag.contents))
    if found := _HEADING.match(name):
        level = int(found.group(1))
        return [lambda: builder.end_heading(level), *children, builder.begin_heading]
    if name in _CELLS:
        return [lambda: builder.word(" | "), *children]
    return [builder.line, *children, builder.line] if name in _BLOCKS else children
