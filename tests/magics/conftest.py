"""A shell with the extension loaded, as a notebook has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


class Notebook:
    """Runs cells and keeps what they answered."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def run(self, cell: str) -> Any:
        """The value of a cell; its error is raised."""
        with capture_output() as shown:
            done = self.shell.run_cell(cell, store_history=True)
        self.output = shown.stdout + shown.stderr
        done.raise_error()
        return done.result

    def fail(self, cell: str) -> str:
        """What a failing cell prints."""
        with capture_output() as shown:
            done = self.shell.run_cell(cell)
        assert not done.success, f"{cell!r} did not fail"
        return (shown.stdout + shown.stderr).strip()


@pytest.fixture
def notebook(orders: pd.DataFrame) -> Iterator[Notebook]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(colors="nocolor")
    shell.run_line_magic("load_ext", "edgp_magics")
    shell.user_ns["orders"] = orders
    yield Notebook(shell)
    shell.run_line_magic("unload_ext", "edgp_magics")
    InteractiveShell.clear_instance()
