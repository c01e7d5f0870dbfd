"""``%config EdgpMagics.name = value``: checked, with the nearest name on a typo."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from traitlets import Any as AnyTrait
from traitlets.config import Config, Configurable

from ..errors import UsageError
from ..infrastructure._config import SETTINGS, Settings, resolve


class EdgpMagics(Configurable):
    """Settings of edgp_magics. ``%governance config`` shows each value and where it comes from."""

    before: Config | None = None
    locals().update({s.name: AnyTrait(None, allow_none=True, help=s.help).tag(config=True) for s in SETTINGS.values()})

    def update_config(self, config: Config) -> None:
        """Check names and values before anything is set: an unknown name or a bad value raises."""
        given = dict(config.get(type(self).__name__, {}))
        resolve(config={**self.chosen(), **given}, folder=None)
        super().update_config(config)

    def chosen(self) -> dict[str, Any]:
        """What was set by ``%config``."""
        return {name: getattr(self, name) for name in SETTINGS if getattr(self, name) is not None}


def install(shell: Any) -> None:
    """Register the settings with a shell, and remember what its own configuration said of them before."""
    settings = EdgpMagics(parent=shell)
    settings.before = deepcopy(shell.config[EdgpMagics.__name__]) if EdgpMagics.__name__ in shell.config else None
    shell.configurables.append(settings)


def remove(shell: Any) -> None:
    """Take the settings back: ``%config`` writes into the shell's configuration, also what was refused."""
    for settings in [c for c in shell.configurables if type(c).__name__ == EdgpMagics.__name__]:
        shell.configurables.remove(settings)
        shell.config.pop(EdgpMagics.__name__, None)
        if settings.before is not None:
            shell.config[EdgpMagics.__name__] = settings.before


def set_here(shell: Any, text: str) -> None:
    """Set one setting for this kernel from ``name value`` or ``name=value``; a mistake raises."""
    name, _, value = text.replace("=", " ", 1).strip().partition(" ")
    if not value.strip():
        raise UsageError(f"config {name} needs a value.", hint=f"%governance config {name} VALUE")
    key = name.replace("-", "_")
    chosen = _ours(shell)
    resolve(config={**chosen.chosen(), key: value.strip()}, folder=None)
    setattr(chosen, key, value.strip())


def _ours(shell: Any) -> EdgpMagics:
    found: EdgpMagics = next(c for c in shell.configurables if isinstance(c, EdgpMagics))
    return found


def settings_of(shell: Any) -> Settings:
    """The settings in force in this shell."""
    found = next((c for c in getattr(shell, "configurables", ()) if isinstance(c, EdgpMagics)), None)
    return resolve(config=found.chosen() if found else {})
