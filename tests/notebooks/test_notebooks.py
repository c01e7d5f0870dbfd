"""The notebooks run as they are committed: strict nbval, every output compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_gives_the_outputs_it_was_saved_with(path: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "-p", "no:cacheprovider", "-q",
        "--nbval-sanitize-with", str(ROOT / "tests" / "notebooks" / "sanitize.cfg"), "-c", os.devnull, "--rootdir", str(tmp_path), str(path),
    ]  # fmt: skip
    env = dict(os.environ, EDGP_HOME=os.environ["EDGP_HOME"], NO_COLOR="1")
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_is_committed_executed_and_small(path: Path) -> None:
    book = json.loads(path.read_text(encoding="utf-8"))
    code = [c for c in book["cells"] if c["cell_type"] == "code" and "".join(c["source"]).strip()]
    assert all(c["execution_count"] for c in code)
    assert "widgets" not in book["metadata"]
    assert path.stat().st_size < 1_500_000
    outputs = [o for c in code for o in c["outputs"]]
    assert not [o for o in outputs if o["output_type"] == "error"]
    assert all(len(json.dumps(o)) < 512_000 for o in outputs)
