"""When a document holds: its own dates, and the later version of it that takes its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...errors import BadOption


class Period(NamedTuple):
    """First and last day as ISO text, empty where open; ``replaced`` is the day from which a later version holds."""

    first: str = ""
    last: str = ""
    replaced: str = ""

    def lacks(self, day: str) -> str:
        """Why the document does not hold on a day; empty when it does.

        >>> Period("2018-01-01", replaced="2026-01-01").lacks("2026-05-01")
        'replaced by the version of 2026-01-01'
        """
        if self.first and day < self.first[: len(day)]:
            return f"valid only from {self.first}"
        if self.last and day > self.last[: len(day)]:
            return f"valid until {self.last}"
        if self.replaced and day >= self.replaced[: len(day)]:
            return f"replaced by the version of {self.replaced}"
        return ""


def periods(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Period]:
    """When each document that says so holds.

    Documents of the same title (or ``series``), place and agent are versions of one; the later replaces the earlier
    from its first day on. ``supersedes`` names a document that is replaced whatever its title.
    """
    dated = {key: about for key, about in documents.items() if about.get("valid_from") or about.get("valid_to")}
    first = {key: str(about.get("valid_from") or "") for key, about in dated.items()}
    series: dict[tuple[str, ...], set[str]] = {}
    for key, about in dated.items():
        if first[key] and _series(about)[0]:
            series.setdefault(_series(about), set()).add(first[key])
    replaced = {str(about["supersedes"]): first.get(key, "") for key, about in documents.items() if about.get("supersedes")}
    out = {}
    for key, about in dated.items():
        later = sorted(day for day in series.get(_series(about), ()) if day > first[key])
        named = [replaced[key]] if replaced.get(key) else []
        out[key] = Period(first[key], str(about.get("valid_to") or ""), min([*later[:1], *named], default=""))
    return out | {key: Period(replaced=day) for key, day in replaced.items() if day and key not in out}


def _series(about: Mapping[str, Any]) -> tuple[str, ...]:
    name = " ".join(str(about.get("series") or about.get("title") or "").casefold().split())
    return (name, str(about.get("jurisdiction", "")), str(about.get("agent", "")))


def day_of(as_of: dt.date | str | None) -> str:
    """The day asked for as ISO text, today when none was."""
    if as_of is None:
        return dt.datetime.now(dt.UTC).date().isoformat()
    if isinstance(as_of, dt.date):
        return as_of.isoformat()[:10]
    try:
        return dt.date.fromisoformat(str(as_of)).isoformat()
    except ValueError:
        raise BadOption(f"`{str(as_of)[:40]}` is no date.", hint="Write it as 2026-11-22.", option="as_of") from None
