"""Fixtures shared by all tests: a private home, frames of every library, no network."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("EDGP_HOME", tempfile.mkdtemp(prefix="edgp-test-"))
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")

import pandas as pd
import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()) and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="the shared data folder is not here"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder beside the project; a test that asks for it is skipped where it is absent."""
    return SHARED


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only loopback and local sockets can be reached."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "local"
        if host not in ("127.0.0.1", "::1", "localhost", "local"):
            raise AssertionError(f"a test tried to reach {host}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def _polars(df: pd.DataFrame) -> Any:
    import polars as pl

    return pl.from_pandas(df)


def _arrow(df: pd.DataFrame) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(df, preserve_index=False)


def _duckdb(df: pd.DataFrame) -> Any:
    import duckdb

    return duckdb.from_arrow(_arrow(df))


_NULLABLE = {"i": "Int64", "f": "Float64", "b": "boolean"}
MAKERS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda df: df,
    "pandas-nullable": lambda df: df.astype({c: _NULLABLE[df[c].dtype.kind] for c in df if df[c].dtype.kind in _NULLABLE}),
    "polars": _polars,
    "arrow": _arrow,
    "duckdb": _duckdb,
}


@pytest.fixture(params=list(MAKERS))
def make_frame(request: pytest.FixtureRequest) -> Callable[[pd.DataFrame], Any]:
    """Turns a pandas frame into one of each library."""
    return MAKERS[request.param]


@pytest.fixture
def orders() -> pd.DataFrame:
    """A small table with a defect of each common kind; how many of each is known."""
    return pd.DataFrame(
        {
            "order_id": [f"O-{i:04d}" for i in range(60)],
            "customer": ["Ada Lovelace", "Alan Turing", "Grace Hopper"] * 20,
            "email": [f"user{i}@example.org" for i in range(58)] + [None, "not an e-mail"],
            "country": ["SG", "DE", "FR", "US", "GB", "NL"] * 10,
            "amount": [10.0 + i for i in range(59)] + [99999.0],
            "ordered": pd.date_range("2026-01-01", periods=60).as_unit("us"),
        }
    )


@pytest.fixture
def fresh_runtime() -> Iterator[Any]:
    """The kernel's runtime, closed afterwards."""
    from edgp_magics.agents import reset, runtime

    reset()
    yield runtime()
    reset()


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is costly to make and the same for every test: the index of the shipped knowledge."""
    return tmp_path_factory.mktemp("warm")


@pytest.fixture
def folder(tmp_path: Path, warm: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh user data folder and a fresh runtime on it."""
    from edgp_magics.agents import reset

    for part in ("knowledge", "models", "vectors"):
        (warm / part).mkdir(exist_ok=True)
        (tmp_path / part).symlink_to(warm / part, target_is_directory=True)
    reset()
    monkeypatch.setenv("EDGP_HOME", str(tmp_path))
    yield tmp_path
    reset()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What capabilities were run (``names``), and one that shall fail (``fail``: its name, ``error``: with what)."""
    from edgp_magics.agents import BaseAgent

    seen: dict[str, Any] = {"names": [], "fail": "", "error": RuntimeError("user7@example.org is no number")}
    real = BaseAgent.execute_capability

    async def execute(self: BaseAgent, capability: Any, parameters: Any) -> Any:
        seen["names"].append(str(capability.value))
        if capability.value == seen["fail"]:
            raise seen["error"]
        return await real(self, capability, parameters)

    monkeypatch.setattr(BaseAgent, "execute_capability", execute)
    return seen
