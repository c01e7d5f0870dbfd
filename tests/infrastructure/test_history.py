import contextlib
import dataclasses
import sqlite3
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from edgp_magics.errors import NotAvailable
from edgp_magics.infrastructure import History, history_document, write_ahead
from edgp_magics.values import AgentCapability, DatasetRef, Result, Run, Severity, Status, finding

CAPABILITY = AgentCapability.DATA_QUALITY_ASSESSMENT


@dataclass(frozen=True, kw_only=True, repr=False)
class Scored(Result):
    score: float = 0.0


def result(number=1, *, dataset="orders", score=90.0, counts=(3,), capability=CAPABILITY):
    found = tuple(
        finding(capability, "not_null", [f"c{i}"], f"{n} missing", Severity.LOW, count=n, of=100)
        for i, n in enumerate(counts)
        if n is not None
    )
    return Scored(
        capability=capability,
        dataset=DatasetRef(name=dataset, fingerprint=f"f{number}", rows=100, columns=("c0", "c1")),
        status=Status.ISSUES,
        summary="",
        findings=found,
        metrics={"nulls": number, "share": None},
        agent="data_quality_agent",
        run=Run(id=f"run-{number}", started=f"2026-01-01T00:00:{number:02d}+00:00", seconds=0.5),
        score=score,
    )


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "history.sqlite")
    yield history
    history.close()


def test_runs_come_back_oldest_first(history):
    for n in (2, 1, 3):
        history.add(result(n, score=90.0 + n))
    history.add(result(9, dataset="other"))
    runs = history.runs("orders")
    assert [(r.id, r.score) for r in runs] == [("run-1", 91.0), ("run-2", 92.0), ("run-3", 93.0)]
    assert runs[0].metrics == {"nulls": 1, "share": None}
    (found,) = runs[0].findings
    assert (found.count, found.of, found.columns, found.severity) == (3, 100, ("c0",), "low")
    assert history.datasets() == ("orders", "other")
    assert [r.id for r in history.runs("orders", limit=1)] == ["run-3"]
    assert history.runs("orders", capability="privacy_scan") == ()
    assert runs[0].value()["findings"][0]["rule"] == "not_null"


def test_the_same_run_twice_is_kept_once(history):
    history.add(result(1, counts=(3, 4)))
    history.add(result(1, counts=(5,)))
    (run,) = history.runs()
    assert [f.count for f in run.findings] == [5]


def test_without_a_run_nothing_is_kept(history):
    history.add(dataclasses.replace(result(), run=None))
    assert history.runs() == ()


def test_the_change_is_shown(history):
    history.add(result(1, score=80.0, counts=(3, 7)))
    history.add(result(2, score=95.0, counts=(5, None, 1)))
    document = history_document(history.runs("orders"), "orders")
    change = next(b for b in document.blocks if getattr(b, "caption", "") == "Since the run before")
    assert [(row[0], row[3], row[4]) for row in change.rows] == [("new", 1, None), ("gone", None, 7), ("changed", 5, 3)]
    assert dict(document.blocks[1].pairs)["last"] == "95.0"


def test_only_runs_of_equal_options_are_compared(history):
    def asked(number, options, counts):
        plain = result(number, counts=counts)
        history.add(dataclasses.replace(plain, run=dataclasses.replace(plain.run, options=options)))

    def shown():
        blocks = history_document(history.runs("orders"), "orders").blocks
        grids = [b for b in blocks if getattr(b, "caption", "") == "Since the run before"]
        return [row[0] for g in grids for row in g.rows], any("Not compared" in getattr(b, "text", "") for b in blocks)

    asked(1, {"regulations": ["ccpa"]}, (3, 7))
    asked(2, {"regulations": ["gdpr"]}, (3,))
    assert shown() == ([], True)
    asked(3, {"regulations": ["ccpa"]}, (3, 7, 9))
    assert shown() == (["new"], False)
    assert history.runs("orders")[0].options == {"regulations": ["ccpa"]}


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_file_is_moved_aside_and_said(tmp_path, content):
    path = tmp_path / "history.sqlite"
    path.write_bytes(content)
    said = []
    history = History(path, on_notice=said.append)
    history.add(result())
    assert len(history.runs()) == 1
    assert "history.sqlite.damaged-1" in history.notice
    assert said == [history.notice]
    assert (tmp_path / "history.sqlite.damaged-1").read_bytes() == content
    history.close()


def test_damage_in_use_is_met_too_by_both_kernels(tmp_path):
    path = tmp_path / "history.sqlite"
    one, two = History(path), History(path)
    for n in range(1, 40):
        one.add(result(n, counts=tuple(range(1, 30))))
    assert len(two.runs()) == 39
    one._use(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    data = bytearray(path.read_bytes())
    data[100:] = b"\x07" * (len(data) - 100)
    path.write_bytes(data)
    one.close()
    assert one.runs() == ()  # read anew: damaged, moved aside; `two` still holds the old file
    two.add(result(50))
    assert [r.id for r in one.runs()] == [r.id for r in two.runs()] == ["run-50"]
    assert (tmp_path / "history.sqlite.damaged-1").exists()
    assert not (tmp_path / "history.sqlite.damaged-2").exists()
    one.close()
    two.close()


def test_two_kernels_and_threads_write_at_once(tmp_path):
    path = tmp_path / "history.sqlite"
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path\n"
        "from test_history import History, result\n"
        "history = History(Path(sys.argv[1]))\n"
        "for n in range(30): history.add(result(n, dataset='sub', capability=__import__('test_history').CAPABILITY))"
    )
    import pathlib

    other = subprocess.Popen([sys.executable, "-W", "error", "-c", code, str(path), str(pathlib.Path(__file__).parent)])
    history = History(path)

    def write(start):
        for n in range(start, start + 15):
            history.add(dataclasses.replace(result(n), run=Run(id=f"t{n}", started=f"2026-01-02T{n:04d}", seconds=0)))

    threads = [threading.Thread(target=write, args=(k * 100,)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait(60) == 0
    assert len(history.runs(limit=1000)) == 75
    history.close()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "history.sqlite").mkdir()
    history = History(tmp_path / "history.sqlite")
    with pytest.raises(NotAvailable, match="history = off"):
        history.add(result())


def test_a_profile_is_kept_as_aggregates_from_which_no_cell_can_be_read(history):
    import json

    import pandas as pd

    import edgp_magics as edgp

    rows = 400
    df = pd.DataFrame(
        {
            "amount": [1234.5678 + 13.0007 * i for i in range(rows)],
            "note": [f"canary{i} text" for i in range(rows)],
            "rare": [None] * (rows - 3) + [987654.0, 987655.0, 987656.0],
        }
    )
    profile = edgp.run("profile", df, name="orders")
    history.add(profile)
    (run,) = history.runs("orders")
    text = json.dumps(run.profile)
    assert set(run.profile) == {"amount", "note", "rare"}
    assert "canary" not in text
    assert "98765" not in text
    assert not {str(v) for v in df["amount"]} & {str(q) for q in run.profile["amount"]["quartiles"]}
    assert run.profile["rare"] == {"kind": "float", "count": 3, "missing": 0.9925}


def test_a_history_of_the_first_version_gets_the_new_table(tmp_path):
    import sqlite3

    first = History(tmp_path / "history.sqlite")
    first.add(result(1))
    first.close()
    with sqlite3.connect(tmp_path / "history.sqlite") as connection:
        connection.execute("DROP TABLE profiles")
        connection.execute("PRAGMA user_version=1")
    connection.close()
    again = History(tmp_path / "history.sqlite")
    again.add(result(2))
    assert [(r.id, r.profile) for r in again.runs()] == [("run-1", {}), ("run-2", {})]
    again.close()


def test_who_finds_another_changing_the_file_asks_again(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    threading.Timer(0.3, holder.rollback).start()
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as other:
        write_ahead(other)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    holder.close()
