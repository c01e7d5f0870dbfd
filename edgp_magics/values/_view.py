"""A page that is also data: what the commands that run nothing answer with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import BadOption
from ._document import Document
from ._plain import plain


class View:
    """A document and the data it shows."""

    def __init__(self, document: Document, data: Mapping[str, Any] | None = None) -> None:
        self._document = document
        self.data = dict(data or {})

    def document(self) -> Document:
        """What a reader sees."""
        return self._document

    def to_dict(self) -> dict[str, Any]:
        """The data as plain data."""
        return dict(plain(self.data))

    def to_markdown(self) -> str:
        """The page as Markdown."""
        from ..display import to_markdown

        return to_markdown(self._document)

    def to_html(self) -> str:
        """The page as an HTML fragment."""
        from ..display import to_html

        return to_html(self._document)

    def save(self, path: str | Path) -> Path:
        """Write the page to ``path``: .html, .md or .txt by its ending, .json for the data."""
        import json

        from ..display import to_page, to_text
        from ._result import write_file

        target = Path(path)
        writers: dict[str, Callable[[], str]] = {
            ".html": lambda: to_page(self._document),
            ".md": self.to_markdown,
            ".txt": lambda: to_text(self._document),
            ".json": lambda: json.dumps(self.to_dict(), indent=1, ensure_ascii=False, sort_keys=True),
        }
        write = writers.get(target.suffix.lower())
        if write is None:
            raise BadOption(f"cannot save a page as `{target.suffix or target.name}`.", hint=f"Use one of {', '.join(writers)}.")
        return write_file(target, write() + "\n")

    def __repr__(self) -> str:
        from ..display import to_text

        return to_text(self._document)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from ..display import to_bundle

        return to_bundle(self._document)
