"""Settings: one table, five places they can come from.

A call's own argument wins over ``%config``, that over ``EDGP_*`` in the environment, that over
``[tool.edgp_magics]`` in the pyproject.toml of the working folder, that over the default.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import BadOption, UnknownName, closest

Shape = Literal["flag", "integer", "number", "text", "choice"]
Origin = Literal["call", "%config", "environment", "pyproject.toml", "default"]


@dataclass(frozen=True)
class Setting:
    """One setting: its type, default, help and limits. ``secret`` values are never shown."""

    name: str
    shape: Shape
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    secret: bool = False

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"EDGP_{self.name.upper()}"

    def read(self, given: Any, *, origin: str) -> Any:
        """``given`` as this setting's type, or :class:`BadOption` that says where it came from."""
        if given is None and self.default is None:
            return None
        try:
            value = _READERS[self.shape](given)
        except (TypeError, ValueError):
            raise self._bad(given, origin, _WANTED[self.shape]) from None
        if self.choices and value not in self.choices:
            raise self._bad(given, origin, "one of " + ", ".join(self.choices))
        if self.minimum is not None and value < self.minimum:
            raise self._bad(given, origin, f"at least {self.minimum:g}")
        if self.maximum is not None and value > self.maximum:
            raise self._bad(given, origin, f"at most {self.maximum:g}")
        return value

    def shown(self, value: Any) -> str:
        """``value`` as people may see it."""
        if value is None:
            return ""
        return "set, not shown" if self.secret else str(value)

    def _bad(self, given: Any, origin: str, wanted: str) -> BadOption:
        said = "the given value" if self.secret else f"{str(given)[:40]!r}"
        return BadOption(f"setting `{self.name}` cannot be {said} (from {origin}).", hint=f"It takes {wanted}.", option=self.name)


def _read_flag(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    if word in ("true", "yes", "on", "1"):
        return True
    if word in ("false", "no", "off", "0"):
        return False
    raise ValueError(given)


def _read_integer(given: Any) -> int:
    if isinstance(given, bool) or (isinstance(given, float) and not given.is_integer()):
        raise ValueError(given)
    return int(given)


def _read_number(given: Any) -> float:
    if isinstance(given, bool) or (value := float(given)) != value:
        raise ValueError(given)
    return value


def _read_text(given: Any) -> str:
    if isinstance(given, (str, Path)):
        return str(given)
    raise TypeError(given)


def _read_choice(given: Any) -> str:
    if isinstance(given, bool):  # TOML and %config write `history = true` for an on/off choice
        return "on" if given else "off"
    return _read_text(given).strip().lower()


_READERS: dict[str, Callable[[Any], Any]] = {
    "flag": _read_flag,
    "integer": _read_integer,
    "number": _read_number,
    "text": _read_text,
    "choice": _read_choice,
}
_WANTED = {"flag": "on or off", "integer": "a whole number", "number": "a number", "text": "text", "choice": "a word"}

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("seed", "integer", 0, "seed of everything that samples", minimum=0, maximum=2**32 - 1),
        Setting("offline", "flag", False, "never use the network"),
        Setting("progress", "choice", "auto", "progress in the cell: auto shows it for work over a second", choices=("auto", "off")),
        Setting("history", "flag", True, "keep scores and findings of each run, so that they can be shown over time"),
        Setting("audit", "flag", True, "keep the hash-chained log of who ran what"),
        Setting("trace", "flag", True, "write a trace file for each run"),
        Setting(
            "store",
            "choice",
            "auto",
            "where vectors live; auto: searched in memory, Chroma at store_url or for what outgrows memory",
            choices=("auto", "chroma", "faiss", "memory"),
        ),
        Setting("store_url", "text", None, "address of a Chroma server; none keeps vectors in the user data folder"),
        Setting("embedding_path", "text", None, "folder or name of the sentence-transformers model"),
        Setting("knowledge_path", "text", None, "folder with knowledge of your own, beside what is shipped"),
        Setting("checkpointer", "choice", "sqlite", "where workflow state lives", choices=("sqlite", "postgres", "redis", "memory")),
        Setting("checkpointer_url", "text", None, "address of the Postgres or Redis server with workflow state", secret=True),
        Setting("timeout", "number", 600.0, "seconds a workflow step may take", minimum=0.001, maximum=86_400),
        Setting("retries", "integer", 2, "how often a step is tried again after what may pass: a lost connection", minimum=0, maximum=10),
        Setting("concurrency", "integer", 4, "workflow steps that may run at the same time", minimum=1, maximum=64),
        Setting(
            "processes",
            "integer",
            None,
            "processes that share long work; 1: the kernel alone, none: up to 4",
            minimum=1,
            maximum=64,
        ),
    )
}
"""Every setting there is; parser, help, completion and ``%governance config`` are made from it."""

_NOT_SETTINGS = frozenset({"EDGP_HOME"})


class Settings(Mapping[str, Any]):
    """Resolved settings; read them as items or attributes, and ask :meth:`where` each comes from.

    >>> settings = resolve(call={"seed": "7"}, environ={"EDGP_OFFLINE": "on"}, folder=None)
    >>> settings.seed, settings["offline"], settings.store
    (7, True, 'auto')
    >>> settings.where("seed"), settings.where("offline"), settings.where("store")
    ('call', 'environment', 'default')
    """

    __slots__ = ("_origins", "_values")

    def __init__(self, values: Mapping[str, Any], origins: Mapping[str, Origin]) -> None:
        self._values = dict(values)
        self._origins = dict(origins)

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise UnknownName("setting", name, known=SETTINGS) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def where(self, name: str) -> Origin:
        """Where the value comes from: call, %config, environment, pyproject.toml or default."""
        if name not in self._origins:
            raise UnknownName("setting", name, known=SETTINGS)
        return self._origins[name]

    def replace(self, **call: Any) -> Settings:
        """The same settings with these set by the call."""
        return Settings({**self._values, **_read(call, "call")}, {**self._origins, **dict.fromkeys(call, "call")})

    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """Name, value as it may be shown, origin and help of each setting."""
        return tuple((s.name, s.shown(self[s.name]), self.where(s.name), s.help) for s in SETTINGS.values())

    def __repr__(self) -> str:
        return "\n".join(f"{name} = {value}  ({origin})" for name, value, origin, _ in self.rows())


def resolve(
    call: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = Path(),
) -> Settings:
    """The settings in force; ``config`` is what ``%config`` holds, ``folder`` where pyproject.toml is looked for."""
    layers: tuple[tuple[Origin, Mapping[str, Any]], ...] = (
        ("default", {name: s.default for name, s in SETTINGS.items()}),
        ("pyproject.toml", _from_pyproject(folder) if folder is not None else {}),
        ("environment", _from_environment(os.environ if environ is None else environ)),
        ("%config", config or {}),
        ("call", call or {}),
    )
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for origin, given in layers:
        read = _read(given, origin)
        values |= read
        origins |= dict.fromkeys(read, origin)
    return Settings(values, origins)


def _read(given: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    out = {}
    for name, value in given.items():
        setting = SETTINGS.get(name.replace("-", "_"))
        if setting is None:
            raise UnknownName("setting", name, known=SETTINGS)
        out[setting.name] = value if origin == "default" else setting.read(value, origin=origin)
    return out


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """``EDGP_*``: an empty value is not set; a near miss of a setting is a mistake, other names are somebody else's."""
    variables = {s.variable: name for name, s in SETTINGS.items()}
    out = {}
    for variable, value in environ.items():
        if variable in variables and value.strip():
            out[variables[variable]] = value
        elif (
            variable.startswith("EDGP_") and variable not in variables and variable not in _NOT_SETTINGS and closest(variable[5:], SETTINGS)
        ):
            raise UnknownName("setting in the environment", variable, known=variables)
    return out


def _from_pyproject(folder: Path) -> Mapping[str, Any]:
    path = folder / "pyproject.toml"
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    if "edgp_magics" not in text:  # spares the TOML parser in most folders
        return {}
    import tomllib

    try:
        table = tomllib.loads(text).get("tool", {}).get("edgp_magics", {})
    except tomllib.TOMLDecodeError as error:
        raise BadOption(f"{path.name} cannot be read: {error}.", hint="Its [tool.edgp_magics] holds settings.") from None
    if not isinstance(table, dict):
        raise BadOption(f"[tool.edgp_magics] in {path.name} is not a table.", hint="Write one `name = value` a line under it.")
    return table
