"""Completion from the command table and the kernel's tables: verbs, data, options, values, columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..capabilities import CAPABILITIES, OptionSpec
from ..errors import UnknownName
from ._commands import Command, command, commands
from ._data import frames_in
from ._help import spellings
from ._parse import words_before

_LINE = re.compile(r"(?:^|[=\s])%{1,2}governance\b(?P<rest>[^\n]*)$")
_CELL = re.compile(r"\A\s*%%governance\b(?P<line>[^\n]*)\n", re.S)
_NAME = re.compile(r"[^\W\d]\w*")
_PLAIN = re.compile(r"[\w.%/#-]+")
_LIMIT = 400

Found = list[tuple[str, str]]
"""What can stand at the cursor, and of which kind it is."""


def complete(shell: Any, context: Any) -> dict[str, Any]:
    """The completions at the cursor; none outside our lines and cells."""
    before = context.full_text[: _offset(context)]
    cell = _CELL.match(context.full_text)
    line = before.rsplit("\n", 1)[-1]
    in_line = _LINE.search(line)
    if in_line:
        return _answer(*_in_line(shell, in_line["rest"]))
    if cell and len(before) >= cell.end():
        return _answer(str(context.token), _in_body(shell, cell["line"]))
    return {"completions": []}


def _offset(context: Any) -> int:
    lines = context.full_text.split("\n")
    return sum(len(x) + 1 for x in lines[: context.cursor_line]) + int(context.cursor_position)


def _answer(typed: str, found: Iterable[tuple[str, str]] | None) -> dict[str, Any]:
    """What begins like the text at the cursor, in place of it; None leaves the place to IPython.

    Where a place is ours and nothing fits, the text itself is answered, so that no other names are offered there.
    """
    from IPython.core.completer import SimpleCompletion

    if found is None:
        return {"completions": []}
    begun = typed.lstrip("'\"").lower()
    fitting = [(t, k) for t, k in found if t.lstrip("'\"").lower().startswith(begun)][:_LIMIT]
    keep = [SimpleCompletion(text=t, type=k) for t, k in fitting or [(typed, "text")]]
    return {"completions": keep, "suppress": True, "ordered": True, "matched_fragment": typed}


# -- the line ----------------------------------------------------------------------------------------------------
def _in_line(shell: Any, rest: str) -> tuple[str, Found | None]:
    """The text at the cursor, and what may stand there."""
    words, typed = words_before(rest)
    if not words:
        return typed, _verbs(typed)
    try:
        chosen = command(words[0])
    except UnknownName:
        return typed, None
    named = {spellings(o)[0]: o for o in chosen.options}
    flag, equals, value = typed.partition("=")
    if equals and flag in named:
        return _value(shell, words, named[flag], value)
    if typed.startswith("-"):
        return typed, [(spelled, "param") for o in chosen.options if o.name != "o" for spelled in spellings(o)]
    last = named.get(words[-1]) if len(words) > 1 else None
    if last is not None and last.shape != "flag":
        return _value(shell, words, last, typed)
    return typed, _argument(shell, chosen, words, typed)


def _verbs(typed: str) -> Found:
    """The verbs; the full names of capabilities once something is typed, lest they make the list twice as long."""
    full = [s.capability.value for s in CAPABILITIES.values()] if typed else []
    return [(name, "keyword") for name in (*commands(), *(n for n in full if n not in commands()))]


def _value(shell: Any, words: Sequence[str], option: OptionSpec, typed: str) -> tuple[str, Found | None]:
    """The item of an option's value that is being typed, and what it may be."""
    item = _last_item(typed) if option.shape == "list" else typed
    if option.choices:
        return item, [(c, "value") for c in option.choices]
    if option.kind == "column":
        return item, [(_quoted(n), "property") for n in _columns(shell, words)]
    if option.kind == "frame":
        return item, _tables(shell)
    find = _VALUES.get(option.name)
    return item, find(shell) if find else None


def _last_item(typed: str) -> str:
    """What stands after the last comma outside of quotes."""
    start, quote = 0, ""
    for i, char in enumerate(typed):
        if quote:
            quote = "" if char == quote else quote
        elif char == ",":
            start = i + 1
        elif char in "'\"" and i == start:
            quote = char
    return typed[start:]


def _quoted(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return name
    return f'"{name}"' if "'" in name else f"'{name}'"


def _argument(shell: Any, chosen: Command, words: Sequence[str], typed: str) -> Found | None:
    """What the verb is about; an expression or a path that is being typed is IPython's to complete."""
    find = _ARGUMENTS.get(chosen.name)
    if find is not None:
        return find(shell, words)
    if chosen.argument == "data":
        return _data(shell, words, typed)
    return None


def _data(shell: Any, words: Sequence[str], typed: str) -> Found | None:
    if (typed and not _NAME.fullmatch(typed)) or _positions(words) > 0:
        return None
    tables = _tables(shell)
    return tables if any(t.lower().startswith(typed.lower()) for t, _ in tables) else None


def _positions(words: Sequence[str]) -> int:
    """How many words stand after the verb that are no option or value of one."""
    chosen = command(words[0])
    count, skip = 0, False
    for word in words[1:]:
        if skip or word.startswith("-"):
            skip = not skip and "=" not in word and word.lstrip("-") not in chosen.flags
        else:
            count += 1
    return count


def _workflows(shell: Any, words: Sequence[str]) -> Found | None:
    from ..workflows import WORKFLOWS

    if _positions(words) == 0:
        return [*((w, "keyword") for w in WORKFLOWS), *_tables(shell)]
    return _tables(shell) if _positions(words) == 1 else None


# -- what the kernel and the project know ------------------------------------------------------------------------
def _tables(shell: Any) -> Found:
    return [(n, "instance") for n in frames_in(shell.user_ns)]


def _columns(shell: Any, words: Sequence[str]) -> list[str]:
    """Column names of the tables that the words name, or that their expressions begin with; no cell is read."""
    from ..frames import column_names

    frames = frames_in(shell.user_ns)
    begun = (_NAME.match(w) for w in words[1:])
    named = dict.fromkeys(m.group() for m in begun if m and m.group() in frames)
    return [c for n in named for c in column_names(frames[n])[:_LIMIT]]


def _objects(shell: Any, fits: Callable[[Any], bool]) -> Found:
    return [(n, "instance") for n, v in list(shell.user_ns.items()) if not n.startswith("_") and fits(v)]


def _plans(shell: Any) -> Found:
    from ..values import Plan

    ours = "edgp_magics."  # asking an object of another library for an attribute may be slow, or find a column
    return _objects(
        shell, lambda v: type(v).__module__.startswith(ours) and (isinstance(v, Plan) or isinstance(getattr(v, "plan", None), Plan))
    )


def _logs(shell: Any) -> Found:
    from ..values import ChangeLog

    return _objects(shell, lambda v: isinstance(v, ChangeLog))


def _runs(shell: Any) -> Found:
    """Ids of the workflow runs that this kernel has shown or stored, the latest first; the store itself is not asked."""
    from ..workflows import WorkflowRun

    shown = [*shell.user_ns.values(), *(shell.user_ns.get("Out") or {}).values()]
    return [(i, "value") for i in dict.fromkeys(v.id for v in reversed(shown) if isinstance(v, WorkflowRun))]


def _findings(shell: Any) -> Found:
    from ._session import session_of

    results = reversed(session_of(shell).results)
    return [(i, "value") for i in dict.fromkeys(f.id for r in results for f in r.findings)]


def _datasets(shell: Any) -> Found:
    from ._session import session_of

    names = (*session_of(shell).runtime.recorder.history.datasets(), *frames_in(shell.user_ns))
    return [(_quoted(n), "value") for n in dict.fromkeys(names)]


def _settings(shell: Any) -> Found:
    from ..infrastructure import SETTINGS

    return [(name, "property") for name in SETTINGS]


def _regulations(shell: Any) -> Found:
    from ..capabilities.regulations import catalogue

    return [(r.lower(), "value") for r in catalogue().regulations]


def _clauses(shell: Any) -> Found:
    from ..capabilities.regulations import catalogue

    return [(c.id, "value") for c in catalogue().clauses]


def _documents(shell: Any) -> Found:
    """Documents of the knowledge, once it is open: opening it takes longer than anyone waits for a name."""
    from ._session import session_of

    current = session_of(shell).runtime
    if current.knowledge_status() != "ready":
        return []
    return [(_quoted(source), "value") for source in sorted(current.wait(current.rag()).base.documents())]


def _knowledge(shell: Any, words: Sequence[str]) -> Found | None:
    if len(words) == 1:
        return [(word, "keyword") for word in ("status", "list", "add", "remove")]
    return _documents(shell) if words[1] == "remove" else None


_VALUES: dict[str, Callable[[Any], Found]] = {
    "regulations": _regulations,
    "clauses": _clauses,
    "source": _documents,
    "run": _runs,
    "forget": _runs,
    "data": _tables,
}
"""Options whose values are known by the option's name."""

_ARGUMENTS: dict[str, Callable[[Any, Sequence[str]], Found | None]] = {
    "help": lambda shell, words: [(name, "keyword") for name in commands()],
    "workflow": _workflows,
    "resume": lambda shell, words: _runs(shell),
    "trace": lambda shell, words: _runs(shell),
    "why": lambda shell, words: _findings(shell),
    "review": lambda shell, words: _plans(shell),
    "apply": lambda shell, words: _plans(shell),
    "undo": lambda shell, words: _logs(shell),
    "history": lambda shell, words: _datasets(shell),
    "config": lambda shell, words: _settings(shell) if len(words) == 1 else [],
    "knowledge": _knowledge,
}
"""Verbs whose argument is no table."""


# -- the body of a cell ------------------------------------------------------------------------------------------
def _in_body(shell: Any, line: str) -> Found | None:
    """Column names of the cell's table, and the check names where checks are written."""
    from ..capabilities.checks import CHECK_NAMES

    words = words_before(line + " ")[0]
    checks = [(n, "function") for n in CHECK_NAMES] if words[:1] == ["assess"] else []
    return [*((c, "property") for c in _columns(shell, words)), *checks] or None
