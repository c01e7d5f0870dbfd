"""The import table of the design: shells over workflows over agents over capabilities and services over values."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "edgp_magics"
ALLOWED = {
    "errors": set(),
    "values": {"errors", "frames", "display"},  # frames and display only inside methods, checked below
    "frames": {"errors", "values"},
    "display": {"errors", "values"},
    "infrastructure": {"errors", "values", "display"},
    "capabilities": {"errors", "values", "frames", "display"},
    "services": {"errors", "values", "frames", "infrastructure"},
    "agents": {"errors", "values", "frames", "infrastructure", "capabilities", "services"},
    "workflows": {"errors", "values", "frames", "infrastructure", "capabilities", "services", "agents", "display"},
    "widgets": {"errors", "values", "display", "agents", "workflows"},
    "magics": {"errors", "values", "frames", "display", "infrastructure", "capabilities", "services", "agents", "workflows", "widgets"},
    "testing": {"errors", "values", "frames", "services", "infrastructure", "capabilities", "agents", "workflows"},
}
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE or p.name == "errors.py")


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """Layers of the package that a module imports, and whether at module level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(n) for n in tree.body} | {id(m) for n in tree.body if isinstance(n, ast.If) for m in n.body}
    depth = len(path.relative_to(PACKAGE).parts)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == depth and node.module:
            found.append((node.module.split(".")[0], id(node) in top))
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("edgp_magics."):
            found.append((str(node.module).split(".")[1], id(node) in top))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_layers_below(path: Path) -> None:
    layer = layer_of(path)
    for other, _ in imports(path):
        assert other == layer or other in ALLOWED[layer], f"{layer} may not import {other}"


@pytest.mark.parametrize("path", [p for p in MODULES if layer_of(p) == "capabilities"], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_capability_reaches_no_clock_network_or_service(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level == 0}
    assert not names & {"socket", "requests", "httpx", "urllib.request", "subprocess", "langchain_core", "langgraph", "chromadb", "openai"}
    calls = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert not calls & {"dt.date.today", "dt.datetime.now", "datetime.now", "date.today", "time.time"}
