"""DATA in a cell: any expression of the user's namespace, or a path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import DataNotFound, UsageError, closest

_SUFFIXES = (".parquet", ".pq", ".csv", ".tsv")


def frames_in(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The tables a person sees in a namespace, by name; reads no data."""
    from ..frames import is_frame_like

    return {n: v for n, v in list(namespace.items()) if not n.startswith("_") and is_frame_like(v)}


def find_data(text: str, namespace: Mapping[str, Any], *, verb: str) -> tuple[Any, str]:
    """The data an argument names, and what to call it."""
    if not text:
        frames = list(frames_in(namespace))
        listed = f"Tables here: {', '.join(frames[:8])}" if frames else "There is no table in this kernel yet."
        raise UsageError(f"{verb} needs data: %governance {verb} DATA.", hint=listed)
    unquoted = text[1:-1] if text[0] == text[-1] and text[0] in "'\"" and len(text) > 1 else text
    if unquoted.lower().endswith(_SUFFIXES) and not text.isidentifier():
        return Path(unquoted), Path(unquoted).stem
    return evaluate(text, namespace), text if text.isidentifier() else " ".join(text.split())[:60]


def evaluate(text: str, namespace: Mapping[str, Any]) -> Any:
    """The value of an expression; a mistake in it becomes one line."""
    try:
        code = compile(text, "<%governance>", "eval")
    except SyntaxError:
        raise DataNotFound(f"`{text[:60]}` is not a name, an expression or a .parquet/.csv path.", hint=_tables(text, namespace)) from None
    try:
        return eval(code, dict(namespace))  # noqa: S307  # the user's own expression, in the user's own kernel
    except NameError as error:
        raise DataNotFound(f"no data named `{error.name or text[:60]}`.", hint=_tables(str(error.name), namespace)) from None
    except Exception as error:  # whatever the user's expression raises becomes a line about it
        raise DataNotFound(
            f"`{text[:60]}` raised {type(error).__name__}: {str(error)[:60]}.", hint="Run it in a cell of its own."
        ) from error


def _tables(name: str, namespace: Mapping[str, Any]) -> str:
    known = list(frames_in(namespace))
    near = closest(name, known)
    listed = f"Tables here: {', '.join(known[:8])}" if known else "There is no table in this kernel yet."
    return f"Did you mean `{near}`? {listed}" if near else listed


class NamespaceFrames(Mapping[str, Any]):
    """The kernel's tables (and stored results) by name, looked up when asked for, for rules that refer to another table."""

    def __init__(self, namespace: Mapping[str, Any], only: tuple[str, ...] | None = None) -> None:
        self._namespace = namespace if only is None else {n: namespace[n] for n in only if n in namespace}

    def __getitem__(self, name: str) -> Any:
        from ..frames import is_frame_like
        from ..values import Result

        value = self._namespace[name]
        if not (is_frame_like(value) or isinstance(value, Result)):
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(frames_in(self._namespace))

    def __len__(self) -> int:
        return len(frames_in(self._namespace))
