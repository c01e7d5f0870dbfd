"""Options of a capability, read from its signature: one source for parser, help, completion and checks.

A capability is a function ``f(frame, context, *, option: Annotated[type, Option("what it does")] = default)``.
"""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from ..errors import BadOption, UnknownName

Shape = Literal["flag", "integer", "number", "text", "choice", "list", "value"]


@dataclass(frozen=True)
class Option:
    """What an option does and its limits; ``kind="column"`` completes with column names.

    A ``secret`` is given by a variable's name; so is a ``variable``, else by the text itself, such as a path.
    """

    help: str
    minimum: float | None = None
    maximum: float | None = None
    kind: Literal["", "column", "frame", "path", "secret", "variable"] = ""


@dataclass(frozen=True)
class OptionSpec:
    """One option as parser, help and completion see it."""

    name: str
    shape: Shape
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    kind: str = ""
    optional: bool = False

    @property
    def flag(self) -> str:
        """The spelling in a cell: ``--max-rows``."""
        return "--" + self.name.replace("_", "-")

    def read(self, given: Any) -> Any:
        """``given`` (text from a cell or a Python value) as this option's type, or :class:`BadOption`."""
        if given is None and self.optional:
            return None
        try:
            value = _READERS[self.shape](given)
        except (TypeError, ValueError):
            raise self._bad(given, _WANTED[self.shape]) from None
        if self.choices and value not in self.choices:
            raise self._bad(given, "one of " + ", ".join(self.choices))
        if self.minimum is not None and value < self.minimum:
            raise self._bad(given, f"at least {self.minimum:g}")
        if self.maximum is not None and value > self.maximum:
            raise self._bad(given, f"at most {self.maximum:g}")
        return value

    def _bad(self, given: Any, wanted: str) -> BadOption:
        return BadOption(f"{self.flag} cannot be {str(given)[:40]!r}.", hint=f"It takes {wanted}.", option=self.name)


_ITEM = re.compile(r"""\s*(?:'([^']+)'|"([^"]+)"|([^,\s](?:[^,]*[^,\s])?))\s*(?:,|$)""")
"""One of several names, in quotes where it holds a comma."""

_WANTED = {
    "flag": "yes or no",
    "integer": "a whole number",
    "number": "a number",
    "text": "text",
    "choice": "a word",
    "list": "names, separated by commas",
    "value": "a value",
}


def _read_flag(given: Any) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if isinstance(given, bool):
        return given
    if str(given).lower() not in words:
        raise ValueError(given)
    return words[str(given).lower()]


def _read_integer(given: Any) -> int:
    if isinstance(given, bool) or (isinstance(given, float) and not given.is_integer()):
        raise ValueError(given)
    return int(str(given).replace("_", "")) if isinstance(given, str) else int(given)


def _read_number(given: Any) -> float:
    if isinstance(given, bool):
        raise ValueError(given)
    return float(given)


def _read_list(given: Any) -> tuple[Any, ...]:
    if isinstance(given, str):
        return tuple(next(part for part in found if part) for found in _ITEM.findall(given))
    return tuple(given)


_READERS: dict[str, Callable[[Any], Any]] = {
    "flag": _read_flag,
    "integer": _read_integer,
    "number": _read_number,
    "text": str,
    "choice": str,
    "list": _read_list,
    "value": lambda given: given,
}


@functools.cache
def options_of(function: Callable[..., Any]) -> tuple[OptionSpec, ...]:
    """The options of a capability in the order of its signature."""
    hints = typing.get_type_hints(function, include_extras=True)
    keyword = [p for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]
    return tuple(_spec(p, hints[p.name]) for p in keyword)


def _spec(parameter: inspect.Parameter, hint: Any) -> OptionSpec:
    about = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Option)), Option(""))
    kind, optional = _unwrap(hint)
    return OptionSpec(
        name=parameter.name,
        shape=_shape(kind),
        default=parameter.default,
        help=about.help,
        choices=tuple(map(str, get_args(kind))) if get_origin(kind) is Literal else (),
        minimum=about.minimum,
        maximum=about.maximum,
        kind=about.kind,
        optional=optional,
    )


def _unwrap(hint: Any) -> tuple[Any, bool]:
    """The type without ``Annotated`` and without ``| None``."""
    kind = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    if get_origin(kind) in (typing.Union, types.UnionType):
        rest = [k for k in get_args(kind) if k is not type(None)]
        return (rest[0] if len(rest) == 1 else Any), len(rest) < len(get_args(kind))
    return kind, False


def _shape(kind: Any) -> Shape:
    simple: dict[Any, Shape] = {bool: "flag", int: "integer", float: "number", str: "text"}
    if kind in simple:
        return simple[kind]
    if get_origin(kind) is Literal:
        return "choice"
    return "list" if get_origin(kind) is tuple else "value"


def read_options(specs: tuple[OptionSpec, ...], given: Mapping[str, Any], *, of: str) -> dict[str, Any]:
    """Checked options, defaults left out; an unknown one raises with the nearest name."""
    known = {s.name: s for s in specs}
    out: dict[str, Any] = {}
    for name, value in given.items():
        key = name.replace("-", "_")
        if key not in known:
            raise UnknownName(f"option of {of}", name, known=known)
        out[key] = known[key].read(value)
    return out
