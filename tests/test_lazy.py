"""Loading costs nothing: what is imported is looked at in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = [
    "pandas", "polars", "pyarrow", "numpy", "duckdb", "torch", "chromadb", "langchain", "langchain_core", "langgraph", "openai", "anthropic", "boto3",
    "sentence_transformers", "transformers", "ipywidgets", "sklearn", "fastapi", "pydantic", "narwhals",
]  # fmt: skip
LOAD = """
import io, json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
out, sys.stdout = sys.stdout, io.StringIO()
shell.run_line_magic("load_ext", "edgp_magics")
printed, sys.stdout = sys.stdout.getvalue(), out
print(json.dumps({"new": sorted(set(sys.modules) - before), "printed": printed}))
"""
IMPORT = "import json, sys, edgp_magics; print(json.dumps(sorted(sys.modules)))"


def _run(code: str) -> object:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_load_ext_imports_nothing_heavy_and_prints_nothing() -> None:
    seen = _run(LOAD)
    assert isinstance(seen, dict)
    assert not [m for m in seen["new"] if m.split(".")[0] in HEAVY]
    assert seen["printed"] == ""
    assert len([m for m in seen["new"] if not m.startswith("edgp_magics")]) < 15


def test_importing_the_package_imports_nothing_heavy() -> None:
    modules = _run(IMPORT)
    assert isinstance(modules, list)
    assert not [m for m in modules if m.split(".")[0] in HEAVY]
