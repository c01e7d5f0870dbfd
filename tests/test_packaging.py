"""What is imported is declared, and what is installed is held: a fresh machine gets the set that was tested."""

from __future__ import annotations

import ast
import importlib.metadata as im
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LEFT_OUT = {"pip", "setuptools", "wheel", "edgp-magics"}
"""What the tool that made the environment brings, and the package itself."""
THROUGH = {
    "pydantic": "langchain",
    "langchain-core": "langchain",
    "langsmith": "langchain-core",
    "transformers": "sentence-transformers",
    "torch": "sentence-transformers",
    "huggingface-hub": "sentence-transformers",
    "scipy": "scikit-learn",
    "threadpoolctl": "scikit-learn",
    "aiosqlite": "langgraph-checkpoint-sqlite",
    "ormsgpack": "langgraph-checkpoint",
    "langgraph-checkpoint": "langgraph",
    "lxml": "python-docx",
    "psycopg-pool": "langgraph-checkpoint-postgres",
    "traitlets": "ipython",
}
"""Imported, and brought by a declared package whose own interface it is."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;(]", name, maxsplit=1)[0]).lower()


def imported() -> set[str]:
    """Top-level names that modules of the package import, its own and the standard library's left out."""
    found: set[str] = set()
    for path in (ROOT / "edgp_magics").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {a.name.split(".")[0] for a in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"edgp_magics"}


def test_every_imported_package_is_declared() -> None:
    declared = {plain(d) for d in PROJECT["dependencies"]} | {plain(d) for e in PROJECT["optional-dependencies"].values() for d in e}
    owners = im.packages_distributions()
    for module in sorted(imported()):
        names = {plain(n) for n in owners.get(module, [module])}
        through = {THROUGH[n] for n in names if n in THROUGH}
        while through & THROUGH.keys():
            through = {THROUGH.get(n, n) for n in through}
        assert (names | through) & declared, f"{module} is imported but {', '.join(names)} is not declared"


def test_the_constraints_hold_everything_installed() -> None:
    held = {plain(line) for line in (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines() if "==" in line}
    reached: set[str] = set()
    waiting = [plain(d) for d in PROJECT["dependencies"]] + [plain(d) for e in PROJECT["optional-dependencies"].values() for d in e]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        try:
            needs = im.distribution(name).requires or []
        except im.PackageNotFoundError:
            continue  # an extra or a platform that is not ours
        waiting += [plain(n) for n in needs if "extra ==" not in n]
    there = {plain(d.metadata["Name"]) for d in im.distributions()}
    assert not (reached & there) - held - LEFT_OUT
