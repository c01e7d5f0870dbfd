"""A graph as a picture: boxes in layers from top to bottom, drawn by us as static SVG; and as mermaid text. No service is asked.

Lines and letters take the colour of the page (``currentColor``), so that it can be read on light and dark; what state a
step is in is said by a sign and the line's form, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 176, 34, 26, 46, 14
_SIGNS = {"done": "✓", "failed": "✗", "waiting": "✎", "running": "…"}
_LINES = {
    "running": 'stroke-width="3"',
    "done": 'stroke-width="1.6"',
    "failed": 'stroke-width="2.4" stroke-dasharray="7 3"',
    "waiting": 'stroke-width="2.4"',
}
_NOT_RUN = 'stroke-width="1" stroke-dasharray="2 3" opacity=".65"'
_ENDS = {"__start__": "start", "__end__": "end"}


@dataclass(frozen=True)
class Edge:
    """From one node to another; ``label`` says when, on an edge with a condition."""

    source: str
    target: str
    label: str = ""
    conditional: bool = False


@dataclass(frozen=True)
class Layout:
    """A graph's nodes in layers, and its edges; ``back`` are the edges that close a cycle."""

    layers: tuple[tuple[str, ...], ...]
    edges: tuple[Edge, ...]
    back: frozenset[Edge]


def layout_of(drawable: Any) -> Layout:
    """The layout of what a compiled graph's ``get_graph()`` gives."""
    edges = tuple(
        Edge(e.source, e.target, "" if e.data is None or str(e.data) == e.target else str(e.data), bool(e.conditional))
        for e in drawable.edges
    )
    return arrange([n for n in drawable.nodes if not n.startswith(("__error_handler", "__default_error"))], edges)


def arrange(nodes: Sequence[str], edges: Sequence[Edge]) -> Layout:
    """Nodes in layers: each below everything that leads to it, cycles cut where they close.

    >>> arrange(["a", "b"], [Edge("a", "b"), Edge("b", "a")]).layers
    (('a',), ('b',))
    """
    out = {n: [e for e in edges if e.source == n] for n in nodes}
    back: set[Edge] = set()
    state: dict[str, int] = {}

    def visit(node: str) -> None:
        state[node] = 1
        for edge in out[node]:
            if state.get(edge.target) == 1:
                back.add(edge)
            elif edge.target not in state:
                visit(edge.target)
        state[node] = 2

    for node in nodes:
        if node not in state:
            visit(node)
    depth = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for edge in edges:
            if edge not in back:
                depth[edge.target] = max(depth[edge.target], depth[edge.source] + 1)
    layers = tuple(tuple(n for n in nodes if depth[n] == d) for d in sorted(set(depth.values())))
    return Layout(layers, tuple(edges), frozenset(back))


def draw(layout: Layout, states: Mapping[str, str]) -> tuple[str, str]:
    """The picture with the state of each step, and the same as mermaid text."""
    return svg_of(layout, states), mermaid_of(layout, states)


def svg_of(layout: Layout, states: Mapping[str, str], notes: Mapping[str, str] | None = None) -> str:
    """The picture; ``notes`` stand below the names of their steps, such as how long one took."""
    widest = max((len(layer) for layer in layout.layers), default=1)
    left, right = _lanes(layout)
    width = widest * _WIDTH + (widest - 1) * _GAP_X + 2 * _MARGIN + left + right
    height = len(layout.layers) * _HEIGHT + (len(layout.layers) - 1) * _GAP_Y + 2 * _MARGIN
    places = _places(layout, width, left, right)
    parts = [_edge(e, places, layout, width) for e in layout.edges] + [
        _node(n, xy, states.get(n, ""), (notes or {}).get(n, "")) for n, xy in places.items()
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" style="max-width:100%;height:auto" '
        f'role="img" aria-label="the steps of the workflow" font-family="system-ui,sans-serif" font-size="12" fill="none" '
        f'stroke="currentColor">{"".join(parts)}</svg>'
    )


def _lanes(layout: Layout) -> tuple[int, int]:
    """Room for the edges that lead up again (left) and past other layers (right), with their labels."""
    depth = _depths(layout)
    past = [len(e.label[:40]) for e in layout.edges if depth[e.target] - depth[e.source] > 1]
    return 34 if layout.back else 0, round(18 + 5.6 * max(past)) if past else 0


def _places(layout: Layout, width: int, left: int, right: int) -> dict[str, tuple[float, float]]:
    """The middle of each box."""
    out = {}
    for depth, layer in enumerate(layout.layers):
        span = len(layer) * _WIDTH + (len(layer) - 1) * _GAP_X
        for i, node in enumerate(layer):
            out[node] = (
                left + (width - left - right - span) / 2 + i * (_WIDTH + _GAP_X) + _WIDTH / 2,
                _MARGIN + depth * (_HEIGHT + _GAP_Y) + _HEIGHT / 2,
            )
    return out


def _depths(layout: Layout) -> dict[str, int]:
    return {n: d for d, layer in enumerate(layout.layers) for n in layer}


def _node(name: str, place: tuple[float, float], state: str, note: str = "") -> str:
    x, y = place
    if name in _ENDS:
        return (
            f'<rect x="{x - 30:.0f}" y="{y - 12:.0f}" width="60" height="24" rx="12" opacity=".7"/>'
            f'<text x="{x:.0f}" y="{y + 4:.0f}" text-anchor="middle" fill="currentColor" stroke="none" opacity=".8">{_ENDS[name]}</text>'
        )
    sign = _SIGNS.get(state, "·")
    words = name.replace("_", " ")
    shown = words if len(words) <= 22 else words[:21] + "…"
    left, top = x - _WIDTH / 2, y - _HEIGHT / 2
    double = (
        f'<rect x="{left + 3:.0f}" y="{top + 3:.0f}" width="{_WIDTH - 6}" height="{_HEIGHT - 6}" rx="4"/>' if state == "waiting" else ""
    )
    letters = 'text-anchor="middle" fill="currentColor" stroke="none"'
    below = f'<text x="{x:.0f}" y="{y + 13:.0f}" font-size="9" {letters}>{escape(note[:34])}</text>' if note else ""
    return (
        f"<g><title>{escape(words)}: {state or 'not run'}</title>"
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" {_LINES.get(state, _NOT_RUN)}/>{double}{below}'
        f'<text x="{x:.0f}" y="{y + (1 if note else 4):.0f}" {letters}>{sign} {escape(shown)}</text></g>'
    )


def _edge(edge: Edge, places: Mapping[str, tuple[float, float]], layout: Layout, width: int) -> str:
    (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
    depth = _depths(layout)
    dash = ' stroke-dasharray="4 3"' if edge.conditional else ""
    start, end = y1 + (12 if edge.source in _ENDS else _HEIGHT / 2), y2 - (12 if edge.target in _ENDS else _HEIGHT / 2)
    if edge in layout.back:  # up again, on the left
        side: float = _MARGIN + 8
        path = f"M{x1 - _WIDTH / 2:.0f},{y1:.0f} H{side:.0f} V{y2:.0f} H{x2 - _WIDTH / 2 - 2:.0f}"
        tip, at = _arrow(x2 - _WIDTH / 2, y2, "right"), (float(side + 4), (y1 + y2) / 2)
    elif depth[edge.target] - depth[edge.source] > 1:  # past other layers, on the right
        side = width - _MARGIN
        near, reach = x1 + (30 if edge.source in _ENDS else _WIDTH / 2), x2 + (30 if edge.target in _ENDS else _WIDTH / 2)
        path = f"M{near:.0f},{y1:.0f} H{side:.0f} V{y2:.0f} H{reach + 2:.0f}"
        tip, at = _arrow(reach, y2, "left"), (near + 6, y1 - 6)
    else:
        middle = (start + end) / 2
        path = f"M{x1:.0f},{start:.0f} C{x1:.0f},{middle:.0f} {x2:.0f},{middle:.0f} {x2:.0f},{end - 2:.0f}"
        tip = _arrow(x2, end, "down")  # the label outside a slanted edge, so that the line does not cross it
        at = ((x1 + x2) / 2 + 6, middle + 4) if x1 == x2 else (x2 + (8 if x2 > x1 else -8 - 5.4 * len(edge.label[:40])), end - 10)
    label = (
        f'<text x="{at[0]:.0f}" y="{at[1]:.0f}" font-size="10" fill="currentColor" stroke="none" opacity=".8">'
        f"{escape(edge.label[:40].replace('_', ' '))}</text>"
        if edge.label
        else ""
    )
    return f'<path d="{path}"{dash} opacity=".7"/>{tip}{label}'


def _arrow(x: float, y: float, way: str) -> str:
    corners = {
        "down": ((x, y), (x - 4, y - 7), (x + 4, y - 7)),
        "right": ((x, y), (x - 7, y - 4), (x - 7, y + 4)),
        "left": ((x, y), (x + 7, y - 4), (x + 7, y + 4)),
    }[way]
    points = " ".join(f"{a:.0f},{b:.0f}" for a, b in corners)
    return f'<polygon points="{points}" fill="currentColor" stroke="none" opacity=".7"/>'


def mermaid_of(layout: Layout, states: Mapping[str, str]) -> str:
    """The graph as mermaid text, which JupyterLab draws itself."""
    ids = {n: f"n{i}" for i, n in enumerate(n for layer in layout.layers for n in layer)}
    lines = ["flowchart TD"]
    for name, own in ids.items():
        text = _ENDS.get(name, f"{_SIGNS.get(states.get(name, ''), '·')} {_plain(name)}")
        lines.append(f'  {own}(["{text}"])' if name in _ENDS else f'  {own}["{text}"]')
    for edge in layout.edges:
        arrow = f'-. "{_plain(edge.label)}" .->' if edge.label else "-.->" if edge.conditional else "-->"
        lines.append(f"  {ids[edge.source]} {arrow} {ids[edge.target]}")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text that cannot end a quoted mermaid label, nor mean anything in it."""
    return "".join(c if c.isalnum() or c in " _-.,:<>=()" else " " for c in text).replace("<", "#lt;").replace(">", "#gt;")[:60]
