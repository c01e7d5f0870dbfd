"""From cell text to a value: parse, check everything that can be checked, run, store."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any

from ..capabilities import read_options
from ..errors import BadOption, GovernanceError, UsageError
from ..values import View
from ._commands import Command, command
from ._parse import Invocation, parse
from ._progress import Ticker
from ._session import Session, session_of
from ._session import forget as forget

__all__ = ["forget", "run"]


def run(shell: Any, line: str, cell: str | None, local_ns: Mapping[str, Any] | None, ticker: Ticker) -> Any:
    """Run one magic call and return its result (shown by the display hook, also as ``_``)."""
    debug = "--debug" in line.split()
    try:
        return _run(session_of(shell), line, cell, local_ns or {}, ticker)
    except GovernanceError as error:
        error.debug = debug
        raise


def _run(session: Session, line: str, cell: str | None, local_ns: Mapping[str, Any], ticker: Ticker) -> Any:
    line = line.rstrip().removesuffix(";")  # a semicolon keeps the result from being shown; IPython leaves it in the line
    first = line.split(None, 1)[0] if line.split() else ""
    if not first:
        from ._handlers import overview

        return overview(session)
    if first in ("--help", "-h") or {"--help", "-h"} & set(line.split()[1:]):
        from ._help import help_document

        return View(help_document("" if first.startswith("-") else first))
    chosen = command(first)
    invocation = parse(line, cell, flags=chosen.flags, lists=chosen.lists)
    options = read_options(chosen.options, _given(chosen, invocation), of=chosen.name)
    _check(chosen, invocation)
    target = _target(options.get("o"))
    with session.local(local_ns, ticker):
        value = chosen.handler(session, chosen, invocation, options)
    if target:
        session.shell.user_ns[target] = getattr(value, "__stored__", value)
    return value


def _given(chosen: Command, invocation: Invocation) -> dict[str, Any]:
    """Options as written; ``--no-x`` turns a flag off; a value that is missing says so."""
    shapes = {o.name: o.shape for o in chosen.options}
    out: dict[str, Any] = {}
    for name, value in invocation.options:
        key = name.replace("-", "_")
        if key.startswith("no_") and shapes.get(key[3:]) == "flag":
            out[key[3:]] = False
        elif value is None and shapes.get(key) == "flag":
            out[key] = True
        elif value is None and key in shapes:
            flag = "-o" if name == "o" else f"--{name}"
            raise BadOption(f"{flag} needs a value.", hint=f"For example: {flag} VALUE. See %governance help {chosen.name}.")
        else:
            out[key] = value
    return out


def _check(chosen: Command, invocation: Invocation) -> None:
    if invocation.body is not None and invocation.body.strip() and not chosen.body:
        raise UsageError(f"{chosen.name} reads no cell body.", hint=f"Use %governance {chosen.name} on one line.")
    if chosen.argument == "none" and invocation.argument:
        raise UsageError(f"{chosen.name} takes nothing after it, not `{invocation.argument[:40]}`.", hint=f"%governance {chosen.name}")


def _target(name: str | None) -> str | None:
    """The name after ``-o``, checked before any work is done."""
    if name is None:
        return None
    if not name.isidentifier() or keyword.iskeyword(name):
        raise BadOption(f"-o {name!r} is not a name a variable can have.", hint="Use letters, digits and _, not starting with a digit.")
    return name
