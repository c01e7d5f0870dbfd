"""Markdown: front matter, headings, the rest as it stands, so that spans slice the file itself."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from .._parsed import Heading, Parsed

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*\r?$", re.MULTILINE)
_EMPHASIS = re.compile(r"[*`]+|\[([^\]]*)\]\([^)]*\)")


def parse_markdown(text: str) -> Parsed:
    """Front matter becomes metadata; ``#`` lines outside fences become headings."""
    metadata, notes, start = _front_matter(text)
    fenced = _fences(text)
    headings = tuple(
        Heading(m.start(), m.end(), len(m.group(1)), _EMPHASIS.sub(lambda e: e.group(1) or "", m.group(2)).strip())
        for m in _HEADING.finditer(text, start)
        if not any(a <= m.start() < b for a, b in fenced)
    )
    title = str(metadata.get("title") or next((h.text for h in headings), ""))
    return Parsed(text, title, headings, start, metadata, notes)


def _front_matter(text: str) -> tuple[dict[str, Any], tuple[str, ...], int]:
    found = _FRONT.match(text)
    if found is None:
        return {}, (), 0
    import yaml

    try:
        data = yaml.load(found.group(1), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe loaders)
    except (yaml.YAMLError, ValueError) as error:
        return {}, (f"the front matter cannot be read: {str(error).splitlines()[0]}",), found.end()
    if not isinstance(data, dict):
        return {}, ("the front matter is not a list of names and values",), found.end()
    metadata = {str(k): _flat(v) for k, v in data.items() if v is not None}
    places = metadata.get("jurisdiction")
    if isinstance(places, str) and "," in places:  # several places on one line are a list, so that each can be asked for
        metadata["jurisdiction"] = [place.strip() for place in places.split(",") if place.strip()]
    return metadata, (), found.end()


def _flat(value: Any) -> Any:
    """Metadata are words, numbers and lists of words; dates become ISO text, which sorts as they do."""
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _fences(text: str) -> list[tuple[int, int]]:
    """Spans of fenced code, in which ``#`` is a comment."""
    spans, opened, mark = [], -1, ""
    for found in _FENCE.finditer(text):
        if opened < 0:
            opened, mark = found.start(), found.group(1)
        elif found.group(1)[0] == mark[0] and len(found.group(1)) >= len(mark):
            spans.append((opened, found.end()))
            opened = -1
    return spans if opened < 0 else [*spans, (opened, len(text))]
