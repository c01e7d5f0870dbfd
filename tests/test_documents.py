"""What the README says is run: its Python, its magics, its settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from edgp_magics.capabilities import CAPABILITIES

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.S)


@pytest.fixture
def notebook(orders: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(colors="nocolor")
    shell.run_line_magic("load_ext", "edgp_magics")
    shell.user_ns["orders"] = orders.assign(currency="EUR")
    shell.user_ns["may"], shell.user_ns["june"] = orders, orders.assign(amount=orders["amount"] * 2)
    people = {
        "name": ["Maria Garcia", "John Smith"] * 10,
        "email": [f"u{i}@example.org" for i in range(20)],
        "diagnosis": ["asthma", "flu"] * 10,
    }
    shell.user_ns["customers"] = pd.DataFrame(people)
    shell.user_ns["payments"] = pd.DataFrame({"card": ["4111111111111111"] * 5, "amount": range(5)})
    monkeypatch.chdir(tmp_path)  # a block saves a file
    yield shell
    shell.run_line_magic("unload_ext", "edgp_magics")
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: b.splitlines()[0][:40])
def test_the_python_of_the_readme_runs(block: str, notebook: Any, capsys: pytest.CaptureFixture[str]) -> None:
    cells = (
        [block]
        if block.startswith("%%") or "import" in block
        else [re.sub(r"\s+#.*", "", line) for line in block.splitlines() if line.strip()]
    )
    if not cells[0].startswith("%load_ext"):
        notebook.run_line_magic("load_ext", "edgp_magics")
    for cell in cells:
        if cell.startswith("%load_ext"):
            continue
        notebook.run_cell(cell).raise_error()


def test_the_readme_names_the_capabilities_there_are() -> None:
    table = README.split("## Capabilities")[1].split("`%governance capabilities`")[0]
    named = set(re.findall(r"`(\w+)`", table))
    assert named == {s.verb for s in CAPABILITIES.values()}


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script
    assert "<!-- test command -->" in README
