"""Completion from the command table and the kernel's tables: verbs, data, options, values, columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..errors import UnknownName
from ._commands import Command, command, commands
from ._data import frames_in

_LINE = re.compile(r"(?:^|[=\s])%{1,2}governance\b(?P<rest>[^\n]*)$")
_CELL = re.compile(r"\A\s*%%governance\b(?P<line>[^\n]*)\n", re.S)
_LIMIT = 400


def complete(shell: Any, context: Any) -> dict[str, Any]:
    """The completions at the cursor; none outside our lines and cells."""
    before = context.full_text[: _offset(context)]
    cell = _CELL.match(context.full_text)
    line = before.rsplit("\n", 1)[-1]
    in_line = _LINE.search(line)
    if in_line:
        found = _in_line(shell, in_line["rest"])
    elif cell and len(before) >= cell.end():
        found = _in_body(shell, cell["line"], line)
    else:
        return {"completions": []}
    from IPython.core.completer import SimpleCompletion

    token = str(context.token)
    keep = [SimpleCompletion(text=t, type=k) for t, k in found if t.lower().startswith(token.lower()) or not token][:_LIMIT]
    return {"completions": keep, "suppress": bool(keep), "ordered": True}


def _offset(context: Any) -> int:
    lines = context.full_text.split("\n")
    return sum(len(x) + 1 for x in lines[: context.cursor_line]) + int(context.cursor_position)


def _in_line(shell: Any, rest: str) -> Iterable[tuple[str, str]]:
    words = rest.split()
    if not words or (len(words) == 1 and not rest[-1].isspace()):
        return [(name, "keyword") for name in commands()]
    try:
        chosen = command(words[0])
    except UnknownName:
        return []
    current = "" if rest[-1].isspace() else words[-1]
    last = words[-1] if rest[-1].isspace() else words[-2]
    if current.startswith("-"):
        return [(o.flag, "param") for o in chosen.options if o.name != "o"]
    option = next((o for o in chosen.options if last == o.flag and o.shape != "flag"), None)
    if option is not None:
        return [(c, "value") for c in option.choices] or _columns(shell, words) if option.kind == "column" or option.choices else []
    return _arguments(shell, chosen)


def _arguments(shell: Any, chosen: Command) -> Iterable[tuple[str, str]]:
    if chosen.name == "help":
        return [(name, "keyword") for name in commands()]
    if chosen.name == "workflow":
        from ..workflows import WORKFLOWS

        return [*((w, "keyword") for w in WORKFLOWS), *((n, "instance") for n in frames_in(shell.user_ns))]
    if chosen.argument == "data":
        return [(n, "instance") for n in frames_in(shell.user_ns)]
    return [(n, "instance") for n, v in shell.user_ns.items() if not n.startswith("_") and (hasattr(v, "plan") or hasattr(v, "actions"))]


def _in_body(shell: Any, line: str, current: str) -> Iterable[tuple[str, str]]:
    """Column names of the cell's table, and the check names where checks are written."""
    from ..capabilities.checks import CHECK_NAMES

    words = line.split()
    checks = [(n, "function") for n in CHECK_NAMES] if words[:1] == ["assess"] else []
    return [*_columns(shell, words), *checks]


def _columns(shell: Any, words: list[str]) -> list[tuple[str, str]]:
    frames = frames_in(shell.user_ns)
    named = [frames[w] for w in words[1:] if w in frames]
    return [(str(c), "property") for f in named for c in list(f.columns if hasattr(f, "columns") else ())[:_LIMIT]]
