"""Static charts drawn in ``currentColor``, so that they follow the reader's theme; data are aggregates only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ...display import clean
from ...values import Drawing, spark

_ROW, _LABEL, _WIDTH, _VALUE = 20, 170, 360, 80
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart: title, Vega-Lite ``spec`` (a dict; JupyterLab draws it offline), ``svg``, and ``alt`` for readers without pictures."""

    title: str
    spec: Mapping[str, Any]
    svg: str
    alt: str

    @property
    def drawing(self) -> Drawing:
        """The chart as a block of a document."""
        return Drawing(svg=self.svg, alt=self.alt)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"application/vnd.vegalite.v5+json": dict(self.spec), "text/html": self.svg, "text/plain": self.alt}


def bars(title: str, labels: Sequence[str], values: Sequence[float], *, unit: str = "", top: float | None = None) -> Chart:
    """Horizontal bars, one per label, in the order given; ``top`` is the value of a full bar (the largest by default)."""
    full = top or max([*values, 0]) or 1
    rows = []
    for i, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = i * _ROW
        width = max(0.0, min(1.0, value / full)) * _WIDTH
        rows.append(
            f'<text x="{_LABEL - 8}" y="{y + 14}" text-anchor="end">{_short(label, 26)}</text>'
            f'<rect x="{_LABEL}" y="{y + 4}" width="{width:.1f}" height="12" fill="currentColor" fill-opacity=".55"/>'
            f'<text x="{_LABEL + width + 6:.1f}" y="{y + 14}">{_figure(value)}{escape(unit)}</text>'
        )
    svg = _svg(_LABEL + _WIDTH + _VALUE, len(rows) * _ROW + 4, title, rows)
    widest = max(map(len, labels), default=0)
    lines = [
        f"{x:<{widest}}  {'█' * round(20 * max(0.0, min(1.0, v / full)))} {_figure(v)}{unit}" for x, v in zip(labels, values, strict=True)
    ]
    data = [{"label": x, "value": v} for x, v in zip(labels, values, strict=True)]
    return Chart(title=title, spec=_spec(title, data, unit), svg=svg, alt="\n".join([title, *lines]))


def columns(title: str, edges: Sequence[str], counts: Sequence[float]) -> Chart:
    """A histogram: one column per bin, labelled with the first and last edge."""
    full = max([*counts, 0]) or 1
    step = min(28.0, 520 / max(1, len(counts)))
    rows = []
    for i, count in enumerate(counts):
        x, tall = 20 + i * step, count / full * 100
        place = f'x="{x:.1f}" y="{110 - tall:.1f}" width="{step - 2:.1f}" height="{tall:.1f}"'
        rows.append(f'<rect {place} fill="currentColor" fill-opacity=".55"/>')
    width = 20 + step * len(counts)
    if edges:
        rows.append(f'<text x="20" y="126">{_short(edges[0], 24)}</text>')
        rows.append(f'<text x="{width:.0f}" y="126" text-anchor="end">{_short(edges[-1], 24)}</text>')
    rows.append(f'<line x1="20" y1="110.5" x2="{width:.0f}" y2="110.5" stroke="currentColor" stroke-opacity=".5"/>')
    svg = _svg(max(220, round(width) + 20), 132, title, rows)
    alt = f"{title}\n{spark(counts)}\n{edges[0] if edges else ''} … {edges[-1] if edges else ''}; largest bin {_figure(full)} rows"
    data = [{"bin": edges[i] if i < len(edges) else str(i), "order": i, "rows": c} for i, c in enumerate(counts)]
    spec = {
        "$schema": _SCHEMA,
        "title": title,
        "data": {"values": data},
        "mark": "bar",
        "encoding": {
            "x": {"field": "bin", "type": "ordinal", "sort": {"field": "order"}, "title": None},
            "y": {"field": "rows", "type": "quantitative", "title": "rows"},
        },
    }
    return Chart(title=title, spec=spec, svg=svg, alt=alt)


def heat(title: str, rows: Sequence[str], cols: Sequence[str], values: Sequence[Sequence[float | None]]) -> Chart:
    """A matrix of values in -1..1 or 0..1: darker is further from zero, the figure stands in the cell."""
    size = 44
    parts = []
    for i, row in enumerate(rows):
        parts.append(f'<text x="{_LABEL - 8}" y="{i * 22 + 34}" text-anchor="end">{_short(row, 24)}</text>')
        for j, value in enumerate(values[i]):
            if value is None:
                continue
            x, y = _LABEL + j * size, i * 22 + 20
            parts.append(
                f'<rect x="{x}" y="{y}" width="{size - 2}" height="20" fill="currentColor" fill-opacity="{abs(value) * 0.35:.3f}"/>'
            )
            parts.append(f'<text x="{x + size / 2 - 1:.0f}" y="{y + 14}" text-anchor="middle">{value:.2f}</text>')
    for j, col in enumerate(cols):
        parts.append(f'<text x="{_LABEL + j * size + size / 2 - 1:.0f}" y="12" text-anchor="middle">{_short(col, 7)}</text>')
    svg = _svg(_LABEL + len(cols) * size + 10, len(rows) * 22 + 24, title, parts)
    lines = [
        f"{r}: " + ", ".join(f"{c} {v:.2f}" for c, v in zip(cols, values[i], strict=True) if v is not None) for i, r in enumerate(rows)
    ]
    data = [
        {"row": r, "column": c, "value": values[i][j]} for i, r in enumerate(rows) for j, c in enumerate(cols) if values[i][j] is not None
    ]
    spec = {
        "$schema": _SCHEMA,
        "title": title,
        "data": {"values": data},
        "mark": "rect",
        "encoding": {
            "x": {"field": "column", "type": "nominal", "title": None},
            "y": {"field": "row", "type": "nominal", "title": None},
            "color": {"field": "value", "type": "quantitative"},
        },
    }
    return Chart(title=title, spec=spec, svg=svg, alt="\n".join([title, *lines]))


def _spec(title: str, data: list[dict[str, Any]], unit: str) -> dict[str, Any]:
    return {
        "$schema": _SCHEMA,
        "title": title,
        "data": {"values": data},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "y": {"field": "label", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "value", "type": "quantitative", "title": unit.strip() or None},
        },
    }


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    body = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'role="img" font-size="12" font-family="system-ui,sans-serif" fill="currentColor"><title>{_short(title, 200)}</title>{body}</svg>'
    )


def _short(text: str, limit: int) -> str:
    return escape(clean(text, limit))


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"
