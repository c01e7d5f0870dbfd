"""Every package has one door: ``__all__`` is what is there, and the door of the package is the one documented."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import edgp_magics

PACKAGES = sorted(m.name for m in pkgutil.walk_packages(edgp_magics.__path__, "edgp_magics.") if m.ispkg)


@pytest.mark.parametrize("name", PACKAGES)
def test_all_names_exist_and_are_sorted(name: str) -> None:
    package = importlib.import_module(name)
    listed = getattr(package, "__all__", [])
    assert len(listed) == len(set(listed))
    for item in listed:
        assert getattr(package, item) is not None


def test_the_python_door_is_the_documented_one() -> None:
    wanted = {
        "run",
        "arun",
        "run_workflow",
        "resume",
        "retrieve",
        "route",
        "KnowledgeBase",
        "agents",
        "capabilities",
        "workflows",
        "health",
        "metrics",
    }
    assert wanted <= set(edgp_magics.__all__)
    for name in edgp_magics.__all__:
        assert callable(getattr(edgp_magics, name))


def test_importing_a_subpackage_does_not_hide_a_function() -> None:
    for name in ("agents", "capabilities", "workflows"):
        importlib.import_module(f"edgp_magics.{name}")
        assert isinstance(getattr(edgp_magics, name)(), list)


def test_an_unknown_name_raises() -> None:
    with pytest.raises(AttributeError, match="no attribute"):
        _ = edgp_magics.nothing
