"""What was written to a knowledge base, line by line beside its file: a damaged file is made again from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ._weights import write_whole

Entry = dict[str, Any]
_SLACK = 4_000_000
_TIMES = 3


class Journal:
    """A file of entries, one a line. Who appends holds the write lock of the sources, so that the order is theirs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entries: Iterable[Entry]) -> None:
        """Write entries behind those there are; a line that a crash cut short is closed first."""
        with self.path.open("a+b") as file:
            if file.tell():
                file.seek(-1, 2)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            for entry in entries:
                file.write(_line(entry))

    def entries(self) -> Iterator[Entry]:
        """Every entry that can be read, in order."""
        if not self.path.is_file():
            return
        with self.path.open("rb") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                except ValueError:  # cut short or damaged: the others still count
                    continue
                if isinstance(entry, dict):
                    yield entry

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Replace the file, whole or not at all."""
        write_whole(self.path, b"".join(map(_line, entries)))

    def overgrown(self, size: int) -> bool:
        """Whether it holds far more than a base of this many bytes: old versions and what was removed."""
        return self.path.is_file() and self.path.stat().st_size > max(_SLACK, _TIMES * size)


def _line(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace") + b"\n"
