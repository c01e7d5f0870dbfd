"""A document as an HTML fragment: no script, no id, no outside link; readable with every style stripped."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from ..values import Badge, Bar, Block, Cell, Code, Document, Drawing, Facts, Fold, Grid, Heading, Items, Link, Listing, Marked, Text
from ._common import CELL_LIMIT, bar, clean, is_number, number, symbol

_WHOLE = 32  # a name or value up to this long is not broken over lines
_CAPTION = 80  # so is a caption
_LEFT = ' style="text-align:left"'
"""Said at each cell: an untrusted notebook drops the style sheet, and JupyterLab would set every cell to the right."""

BUDGET = 150_000
"""Characters of HTML after which the rest is named, not shown (a saved output stays under 256 KB with its other two formats)."""

STYLE = """<style>
.edgp.edgp{font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.5;color:inherit;max-width:1100px;text-align:left}
.edgp.edgp h3{font-size:17px;margin:2px 0 6px;font-weight:600}.edgp.edgp h4{font-size:14px;margin:14px 0 4px;font-weight:600}
.edgp.edgp p{margin:4px 0 8px;text-align:left}.edgp.edgp .edgp-strong{font-size:14px;font-weight:500}
.edgp.edgp .edgp-note,.edgp.edgp footer{opacity:.8;font-size:12px}
.edgp.edgp table{border-collapse:collapse;margin:6px 0 12px;width:auto;max-width:100%;font-size:12.5px;border:0;table-layout:auto}
.edgp.edgp caption{caption-side:top;text-align:left;font-weight:600;padding:4px 0;color:inherit}
.edgp.edgp table th,.edgp.edgp table td{text-align:left;vertical-align:top;padding:3px 14px 3px 0;border:0;white-space:normal;max-width:44em;overflow-wrap:break-word;background:transparent}
.edgp.edgp table thead tr{border-bottom:1px solid currentColor;background:transparent}
.edgp.edgp table thead th{font-weight:600;white-space:nowrap;vertical-align:bottom}
.edgp.edgp table tbody tr{background:transparent;border-bottom:1px solid color-mix(in srgb,currentColor 16%,transparent)}
.edgp.edgp table td.edgp-n,.edgp.edgp table th.edgp-n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.edgp.edgp table td.edgp-t{min-width:26em}
.edgp.edgp code{font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:12px;background:transparent;color:inherit;padding:0;white-space:pre-wrap}
.edgp.edgp pre{font-size:12px;background:transparent;color:inherit;border-left:2px solid color-mix(in srgb,currentColor 30%,transparent);padding:2px 10px;overflow:auto}
.edgp.edgp .edgp-bar{letter-spacing:-1px;font-family:ui-monospace,monospace;font-size:11px}.edgp.edgp .edgp-w,.edgp.edgp code.edgp-w{white-space:nowrap}
.edgp.edgp .edgp-badge{border:1px solid currentColor;border-radius:9px;padding:0 7px;font-size:11.5px;white-space:nowrap}
.edgp.edgp .edgp-s3{border-width:2px}.edgp.edgp .edgp-s4{border-width:2px;font-weight:700}
.edgp.edgp details{margin:6px 0}.edgp.edgp summary{cursor:pointer;font-weight:500}
.edgp.edgp mark{background:transparent;color:inherit;font-weight:700;text-decoration:underline;text-underline-offset:2px}
.edgp.edgp .edgp-facts span{margin-right:14px;white-space:nowrap}
.edgp.edgp figure{margin:8px 0 14px}.edgp.edgp figcaption{font-weight:600;font-size:12.5px;margin-bottom:2px}.edgp.edgp svg{max-width:100%;height:auto;color:inherit}
</style>"""


def to_html(document: Document, *, whole: bool = False) -> str:
    """The document as a fragment that stands alone in a cell output; ``whole`` however long it is, for a file."""
    title = escape(clean(document.title))
    parts = [f'{STYLE}\n<section class="edgp" aria-label="{title}">', f"<h3>{title}</h3>"]
    used = 0
    for i, block in enumerate(document.blocks):
        html = _block(block)
        if used + len(html) > BUDGET and not whole:
            parts.append(f'<p class="edgp-note">{len(document.blocks) - i} more parts are not shown here; the object has them.</p>')
            break
        used += len(html)
        parts.append(html)
    if document.footer:
        parts.append(f"<footer>{escape(clean(document.footer))}</footer>")
    return "\n".join([*parts, "</section>"])


_PAPER = "@media print{details::details-content{content-visibility:visible}thead{display:table-header-group}tr{break-inside:avoid}}"
"""On paper nothing can be unfolded: what is folded is printed, too."""


def to_page(document: Document) -> str:
    """The document as a whole HTML page for a file."""
    title = escape(clean(document.title))
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>:root{{color-scheme:light dark}}body{{margin:24px}}{_PAPER}</style></head>\n"
        f"<body>\n{to_html(document, whole=True)}\n</body>\n</html>"
    )


def _block(block: Block) -> str:
    return _BLOCKS[type(block)](block)


def _heading(block: Heading) -> str:
    level = min(6, block.level + 2)
    return f"<h{level}>{escape(clean(block.text))}</h{level}>"


def _text(block: Text) -> str:
    style = "" if block.tone == "plain" else f' class="edgp-{block.tone}"'
    return f"<p{style}>{_inline(clean(block.text, None))}</p>"


def _facts(block: Facts) -> str:
    pairs = " · ".join(f"<span>{escape(clean(k))}: <b>{cell_html(v)}</b></span>" for k, v in block.pairs)
    return f'<p class="edgp-facts">{pairs}</p>'


def _items(block: Items) -> str:
    return "<ul>" + "".join(f"<li>{_inline(clean(i, None))}</li>" for i in block.items) + "</ul>"


def _listing(block: Listing) -> str:
    return f"<pre><code>{escape(clean(block.text, 20_000))}</code></pre>"


def _fold(block: Fold) -> str:
    inner = "\n".join(map(_block, block.blocks))
    return f"<details><summary>{escape(clean(block.summary))}</summary>\n{inner}\n</details>"


def _drawing(block: Drawing) -> str:
    title, _, rest = clean(block.alt, None).partition("\n")
    words = f"<details><summary>as text</summary><pre>{escape(rest)}</pre></details>" if rest else ""
    return f"<figure><figcaption>{escape(title)}</figcaption>{block.svg}{words}</figure>"


def _grid(block: Grid) -> str:
    right = [
        any(is_number(r[i]) for r in block.rows) and all(r[i] is None or is_number(r[i]) for r in block.rows)
        for i in range(len(block.columns))
    ]
    long = [any(isinstance(r[i], Marked) for r in block.rows) for i in range(len(block.columns))]
    style = [' class="edgp-n"' if n else (' class="edgp-t"' if t else "") + _LEFT for n, t in zip(right, long, strict=True)]
    head = "".join(f'<th scope="col"{s}>{escape(clean(c))}</th>' for c, s in zip(block.columns, style, strict=True))
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{s}>{html}</td>" if (html := cell_html(c)) else "<td></td>" for c, s in zip(row, style, strict=True))
        + "</tr>"
        for row in block.rows
    )
    more = f'\n<p class="edgp-note">{block.more:,} more rows are not shown.</p>' if block.more else ""
    fits = ' class="edgp-w"' if len(block.caption) <= _CAPTION else ""  # a table may be narrower than its caption
    caption = f"<caption{fits}{_LEFT}>{escape(clean(block.caption))}</caption>" if block.caption else ""
    return f"<table>{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>{more}"


def cell_html(cell: Cell) -> str:
    """One cell, escaped."""
    if cell is None:
        return ""
    if isinstance(cell, Bar):
        drawn = f'<span class="edgp-bar" aria-hidden="true">{bar(cell)}</span>'
        return f'<span class="edgp-w">{drawn} {escape(clean(cell.label))}</span>'
    if isinstance(cell, Badge):
        rank = f" edgp-s{cell.severity.rank}" if cell.severity else ""
        return f'<span class="edgp-badge{rank}">{symbol(cell)} {escape(clean(cell.word))}</span>'
    if isinstance(cell, Code):
        whole = ' class="edgp-w"' if len(cell.text) <= _WHOLE else ""
        return f"<code{whole}>{_apart(clean(cell.text))}</code>"
    if isinstance(cell, Marked):
        return _marked(cell)
    if isinstance(cell, Link):
        text = escape(clean(cell.text))
        return f'<a href="{escape(cell.href)}" rel="noopener noreferrer" target="_blank">{text}</a>' if cell.safe else text
    if isinstance(cell, (int, float)):
        return number(cell)
    return _inline(clean(cell, CELL_LIMIT * 3))


_ONE_WAY = re.compile(r"[A-Za-z](?:[ -~]*[A-Za-z0-9])?", re.ASCII)


def _apart(text: str) -> str:
    """Escaped text that does not turn with its surroundings: what begins as a Latin word and stays one does not turn anyway."""
    return escape(text) if _ONE_WAY.fullmatch(text) else f"<bdi>{escape(text)}</bdi>"


def _inline(text: str) -> str:
    """Escaped text in which `names in backticks` are set as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick of the data's own: leave all of them
        return escape(text)
    return "".join(f"<code>{_apart(p)}</code>" if i % 2 else escape(p) for i, p in enumerate(parts))


def _marked(cell: Marked) -> str:
    out, at = [], 0
    for start, end in sorted(cell.marks):
        if start >= at:
            out += [escape(clean(cell.text[at:start], None)), f"<mark>{escape(clean(cell.text[start:end], None))}</mark>"]
            at = end
    return "".join([*out, escape(clean(cell.text[at:], None))])


_BLOCKS: dict[type, Callable[[Any], str]] = {
    Heading: _heading,
    Text: _text,
    Facts: _facts,
    Items: _items,
    Listing: _listing,
    Grid: _grid,
    Fold: _fold,
    Drawing: _drawing,
}
