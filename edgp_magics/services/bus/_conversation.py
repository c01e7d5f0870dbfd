"""What was said on the bus, as values and as a sequence chart. Names and times only, never content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from ...values import AgentCapability, Block, Code, Document, Drawing, Facts, Fold, Grid, Listing, Text, plural

if TYPE_CHECKING:
    from ._mailbox import Item

Kind = Literal["sent", "handled", "reply", "failed", "dead", "cancelled"]

CHART_KEPT = 60
"""The drawing shows this many of the last events; the grid has all that is kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event on the bus; ``at`` and ``seconds`` are seconds, ``at`` since the bus began."""

    kind: Kind
    at: float
    seconds: float
    detail: str
    sender: str
    recipient: str
    message_type: str
    capability: str
    dataset: str
    message_id: str
    correlation_id: str
    trace_id: str


Told = tuple[Kind, float, float, float, str, bool, str, str, str, AgentCapability | None, Any, str, str, str]
"""What the log keeps of a message: words and times in one flat tuple, so that the message itself is free to go."""


def told(item: Item, outcome: Kind, ended: float, detail: str = "") -> Told:
    """What became of a message."""
    m = item.message
    return (
        outcome,
        item.since,
        item.started,
        ended,
        detail,
        item.future is not None,
        m.sender_id,
        m.recipient_id,
        m.message_type,
        m.capability,
        m.content.get("dataset"),
        m.message_id,
        m.correlation_id,
        m.context["traceparent"],
    )


def events(known: Told, began: float) -> Iterator[Entry]:
    """What happened to a message, one event after the other; times are counted from ``began``."""
    outcome, since, started, ended, detail, asked, sender, recipient, kind, what, data, number, answers, trace = known
    capability = what.value if what is not None else ""
    dataset = data.get("name", "") if isinstance(data, Mapping) else data
    about = (capability, dataset if isinstance(dataset, str) else "")
    yield Entry("sent", since - began, 0.0, "", sender, recipient, kind, *about, number, answers, trace[3:35])
    if outcome == "sent":
        return
    yield Entry(outcome, ended - began, ended - (started or since), detail, sender, recipient, kind, *about, number, answers, trace[3:35])
    if outcome == "handled" and asked:
        yield Entry("reply", ended - began, 0.0, "", recipient, sender, "reply", *about, "", number, trace[3:35])


def sequence_chart(entries: Iterable[Entry]) -> Document:
    """The conversation as a document: in words, as a drawing, as a grid, as mermaid text.

    >>> sequence_chart([]).blocks[0].text
    'Nothing was said yet.'
    """
    told = [e for e in entries if e.kind != "handled"]
    if not told:
        return Document(title="Messages", blocks=(Text("Nothing was said yet.", tone="strong"),))
    kinds = {kind: sum(e.kind == kind for e in told) for kind in ("sent", "reply", "failed", "dead", "cancelled")}
    who = _participants(told)
    shown = told[-CHART_KEPT:]
    blocks: list[Block] = [
        Text(f"{plural(kinds['sent'], 'message')} between {plural(len(who), 'party', 'parties')}.", tone="strong"),
        Facts(
            (("replies", kinds["reply"]), ("failed", kinds["failed"]), ("dead letters", kinds["dead"]), ("cancelled", kinds["cancelled"]))
        ),
        Drawing(svg=_svg(shown), alt=_words(shown)),
        _grid(told),
        Fold("As mermaid text", (Listing(mermaid(shown), "mermaid"),)),
    ]
    return Document(title="Messages", blocks=tuple(blocks), footer="Names and times only; messages carry handles, never data.")


def _participants(entries: Sequence[Entry]) -> list[str]:
    """Everybody who speaks or is spoken to, in the order of appearance."""
    return list(dict.fromkeys(name for e in entries for name in (e.sender or "?", e.recipient or "?")))


_LABELS = {"reply": "reply", "failed": "failed", "dead": "not delivered", "cancelled": "cancelled"}


def _label(entry: Entry) -> str:
    """What an arrow says."""
    what = entry.capability.replace("_", " ") or entry.message_type
    said_of = f"{what} ({entry.dataset})" if entry.dataset else what
    if entry.kind == "sent":
        return said_of if entry.message_type == "request" else f"{entry.message_type}: {said_of}"
    word = _LABELS.get(entry.kind, entry.kind)
    return f"{word}: {entry.detail or said_of}"


def _ends(entry: Entry) -> tuple[str, str]:
    """From and to: a failure comes back to the sender."""
    back = entry.kind in ("failed", "dead")
    sender, recipient = entry.sender or "?", entry.recipient or "?"
    return (recipient, sender) if back else (sender, recipient)


def _words(entries: Sequence[Entry]) -> str:
    lines = ["{} to {}: {}".format(*_ends(e), _label(e)) for e in entries[:20]]
    return "\n".join(["Who said what to whom", *lines, *(["…"] if len(entries) > 20 else [])])


def _grid(entries: Sequence[Entry]) -> Grid:
    kept = entries[-200:]
    rows = tuple((f"{e.at * 1000:,.0f} ms", e.kind, Code(e.sender), Code(e.recipient), _label(e), Code(e.trace_id[:8])) for e in kept)
    return Grid("Messages, oldest first", ("at", "event", "from", "to", "about", "trace"), rows, more=len(entries) - len(kept))


def mermaid(entries: Sequence[Entry]) -> str:
    """The conversation as a mermaid sequence diagram."""
    names = {name: f"p{number}" for number, name in enumerate(_participants(entries))}
    lines = ["sequenceDiagram", *(f"    participant {key} as {_quiet(name)}" for name, key in names.items())]
    arrows = {"sent": "->>", "reply": "-->>", "failed": "--x", "dead": "--x", "cancelled": "-x"}
    for entry in entries:
        start, end = _ends(entry)
        lines.append(f"    {names[start]}{arrows.get(entry.kind, '->>')}{names[end]}: {_quiet(_label(entry))}")
    return "\n".join(lines)


def _quiet(text: str) -> str:
    """Letters, digits and harmless signs: mermaid reads the rest as its own language."""
    kept = "".join(c if c.isalnum() or c in " _-.,()?" else " " for c in text.replace(":", ","))
    return " ".join(kept.split())[:80] or "?"


_ROW, _HEAD, _MARGIN, _LETTER = 30, 40, 85, 5.6
_NARROW, _WIDE, _LABEL = 150, 290, 48


def _svg(entries: Sequence[Entry]) -> str:
    """Life lines and arrows; drawn in the text colour, so that it reads on light and dark."""
    names = _participants(entries)
    column = min(_WIDE, max(_NARROW, round(_LETTER * max(len(_short(_label(e), _LABEL)) for e in entries)) + 24))
    place = {name: _MARGIN + number * column for number, name in enumerate(names)}
    width, height = 2 * _MARGIN + column * (len(names) - 1), _HEAD + _ROW * (len(entries) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" width="{width}"'
        ' style="max-width:100%;height:auto" font-family="system-ui,sans-serif" font-size="11" fill="currentColor" stroke="none">'
    ]
    for name, x in place.items():
        parts.append(f'<text x="{x}" y="16" text-anchor="middle" font-weight="bold">{escape(_short(name))}</text>')
        parts.append(f'<line x1="{x}" y1="24" x2="{x}" y2="{height - 6}" stroke="currentColor" stroke-opacity=".3"/>')
    for number, entry in enumerate(entries):
        parts.append(_arrow(entry, place, _HEAD + _ROW * number + 18, column))
    return "".join([*parts, "</svg>"])


def _arrow(entry: Entry, place: Mapping[str, int], y: int, column: int) -> str:
    """An arrow with its words beside where it starts: there they cross no other life line."""
    start, end = (place[name] for name in _ends(entry))
    dashes = "" if entry.kind == "sent" else ' stroke-dasharray="4 3"'
    words = escape(_short(_label(entry), _LABEL))
    if start == end:
        loop = f'<path d="M{start} {y - 4}h22v10h-18" fill="none" stroke="currentColor"{dashes}/><path d="M{start + 1} {y + 6}l6 -4v8z"/>'
        return loop + f'<text x="{start + 28}" y="{y + 5}">{words}</text>'
    middle = start + (column / 2 if end > start else -column / 2)
    label = f'<text x="{middle:g}" y="{y - 5}" text-anchor="middle">{words}</text>'
    tip = -6 if end > start else 6
    head = f'<path d="M{end} {y}l{tip} -4v8z"/>' if entry.kind in ("sent", "reply") else _cross(end + tip, y)
    return label + f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="currentColor"{dashes}/>' + head


def _cross(x: int, y: int) -> str:
    return f'<path d="M{x - 4} {y - 4}l8 8m0 -8l-8 8" stroke="currentColor" stroke-width="1.5"/>'


def _short(text: str, limit: int = 26) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
