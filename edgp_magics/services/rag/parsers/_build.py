"""Builds a text piece by piece and remembers where its headings are."""

from __future__ import annotations

from collections.abc import Sequence

from .._parsed import Heading, Parsed


class TextBuilder:
    r"""Lines of text and headings.

    >>> b = TextBuilder()
    >>> b.heading("Keep", 1); b.word("Ten years."); b.line()
    >>> b.parsed("").text
    'Keep\n\nTen years.'
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._line: list[str] = []
        self._headings: list[Heading] = []

    def word(self, text: str) -> None:
        """Go on with the line."""
        self._line.append(text)

    def line(self) -> None:
        """End the line, when there is one."""
        text = " ".join("".join(self._line).split()).strip("| ")
        self._line = []
        if text:
            self._put(text + "\n")

    def paragraph(self, text: str) -> None:
        """A whole paragraph."""
        self.line()
        if text.strip():
            self._put(text.strip() + "\n\n")

    def heading(self, text: str, level: int) -> None:
        """A whole heading."""
        self.begin_heading()
        self.word(text)
        self.end_heading(level)

    def begin_heading(self) -> None:
        """What follows is a heading."""
        self.line()

    def end_heading(self, level: int) -> None:
        """The heading ends here."""
        text = " ".join("".join(self._line).split())
        self._line = []
        if text:
            self._headings.append(Heading(self._length, self._length + len(text), level, text))
            self._put(text + "\n\n")

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def parsed(self, title: str, notes: Sequence[str] = ()) -> Parsed:
        """The document built so far."""
        self.line()
        first = next((h.text for h in self._headings), "")
        return Parsed("".join(self._parts).rstrip(), title or first, tuple(self._headings), notes=tuple(notes))
