"""DATA in a cell: any expression of the user's namespace, or a path."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import DataNotFound, UsageError, closest

_NAME_LIKE = re.compile(r"(?!.*\d{5})[\w .-]{1,30}")


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
    from ..frames import file_stem

    unquoted = text[1:-1] if text[0] == text[-1] and text[0] in "'\"" and len(text) > 1 else text
    if not text.isidentifier() and _is_path(unquoted):
        return Path(unquoted), file_stem(Path(unquoted))
    value = evaluate(text, namespace)
    if isinstance(value, tuple):
        _refuse_several(text, value, verb)
    return value, label_of(text)


def _refuse_several(text: str, value: tuple[Any, ...], verb: str) -> None:
    """Tables with commas between them are a tuple to Python; say where the further ones belong."""
    from ..frames import is_frame_like

    names = [n.strip() for n in text.strip("() ").split(",") if n.strip()]
    if not (len(value) > 1 and all(is_frame_like(v) for v in value) and all(n.isidentifier() for n in names)):
        return
    word = verb if verb.split(" ")[0] in ("audit", "workflow") else "audit"
    several = f"%governance {word} {names[0]} --frames {','.join(names[1:])}"
    hint = several if word == verb else f"Run it on each, or: {several}"
    raise DataNotFound(f"`{text[:60]}` is {len(value)} tables; {verb} takes one.", hint=hint)


def _is_path(text: str) -> bool:
    from ..frames import is_table_file

    return is_table_file(text) or (("/" in text or "\\" in text) and Path(text).expanduser().is_dir())


def label_of(expression: str) -> str:
    """What to call the value of an expression: its text, without the texts and numbers in it, which may be cells.

    A key such as that of ``sales["eu"]`` is a name and stays, where it reads like one.

    >>> label_of("df[df.email=='x@y.z']"), label_of('sales["eu"]'), label_of("df.head(3)")
    ("df[df.email=='…']", 'sales["eu"]', 'df.head(…)')
    """
    if expression.isidentifier():
        return expression
    line = expression.encode()
    for node in sorted(_literals(ast.parse(expression, mode="eval")), key=lambda n: -n.col_offset):
        shown = "'…'" if isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), (str, bytes)) else "…"
        line = line[: node.col_offset] + shown.encode() + line[node.end_col_offset :]
    return " ".join(line.decode().split())[:60]


def _literals(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Texts and numbers under a node, but for keys that are names."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes, complex, float, int))):
        if not isinstance(getattr(node, "value", None), bool):
            yield node
    elif not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and _is_key(node.slice)):
        for child in ast.iter_child_nodes(node):
            yield from _literals(child)


def _is_key(node: ast.AST) -> bool:
    value = getattr(node, "value", None)
    return isinstance(node, ast.Constant) and (isinstance(value, int) or (isinstance(value, str) and bool(_NAME_LIKE.fullmatch(value))))


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
