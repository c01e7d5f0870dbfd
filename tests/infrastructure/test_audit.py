import datetime as dt
import json
import subprocess
import sys
import threading

import pytest

from edgp_magics.errors import BadOption
from edgp_magics.infrastructure import AuditLog, audit_document
from edgp_magics.values import DatasetRef

REF = DatasetRef(name="orders", fingerprint="abc", rows=3, columns=("id",))


@pytest.fixture
def log(tmp_path):
    clock = iter(dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=n) for n in range(10_000))
    return AuditLog(tmp_path / "audit.jsonl", who="ada", now=lambda: next(clock))


def fill(log, n=5):
    for k in range(n):
        log.append("run", f"privacy_scan {k}", dataset=REF, detail={"findings": k})


def test_records_say_who_did_what_to_which_table(log):
    log.append("approval", "plan P-1", dataset=REF, detail={"actions": ["A-1", "A-2"]})
    (record,) = log.records()
    assert (record.number, record.event, record.who, record.what) == (1, "approval", "ada", "plan P-1")
    assert (record.dataset, record.fingerprint, record.detail) == ("orders", "abc", {"actions": ["A-1", "A-2"]})
    assert record.at == "2026-01-01T00:00:00.000+00:00"
    assert log.records(event="run") == ()
    assert log.records(dataset="orders") == (record,)


def test_a_whole_chain_verifies(log):
    assert log.verify().ok
    fill(log)
    verdict = log.verify()
    assert (verdict.ok, verdict.records, verdict.head) == (True, 5, log.records()[-1].hash)
    assert log.verify(expected=log.records()[2].hash).ok
    assert not log.verify(expected="0" * 63 + "1").ok


def lines(log):
    return log.path.read_bytes().splitlines(keepends=True)


def change(at, **fields):
    def edit(all_lines):
        record = json.loads(all_lines[at]) | fields
        all_lines[at] = json.dumps(record, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        return all_lines

    return edit


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (change(2, who="eve"), "record 3 was changed"),
        (change(2, detail={}), "record 3 was changed"),
        (change(0, number=7), "does not follow"),
        (lambda ls: ls[:2] + ls[3:], "does not follow"),
        (lambda ls: [ls[1], ls[0], *ls[2:]], "does not follow"),
        (lambda ls: ls[:3], "records are missing at the end"),
        (lambda ls: [], "records are missing at the end"),
        (lambda ls: [*ls[:2], b"rubbish\n", *ls[2:]], "line 3 is no record"),
        (lambda ls: [*ls[:2], b"\xff\xfe\x00\n", *ls[3:]], "line 3 is no record"),
        (lambda ls: [*ls, ls[-1]], "does not follow"),
    ],
)
def test_any_change_is_seen(log, edit, says):
    fill(log)
    log.path.write_bytes(b"".join(edit(lines(log))))
    verdict = log.verify()
    assert not verdict.ok
    assert any(says in p for p in verdict.problems), verdict.problems


def test_a_chain_made_anew_does_not_have_the_head_that_was_written_down(log, tmp_path):
    fill(log)
    head = log.verify().head
    log.path.unlink()
    log.path.with_suffix(".head").unlink()
    fill(log, 5)
    assert log.verify().ok
    assert not log.verify(expected=head).ok


@pytest.mark.parametrize("cut", [1, 2, 40, 150])
def test_a_line_cut_off_by_a_crash_is_bridged(log, cut):
    fill(log, 3)
    log.path.write_bytes(log.path.read_bytes()[:-cut])
    if cut > 1:
        assert not log.verify().ok
    log.append("run", "next")
    if cut == 1:  # only the line end was missing
        assert log.verify().ok
        assert [r.event for r in log.records()] == ["run"] * 4
        return
    assert [r.event for r in log.records()] == ["run", "run", "recovered", "run"]
    assert log.verify().ok


def test_a_crash_between_log_and_head_is_no_fault(log):
    fill(log, 2)
    head = log.path.with_suffix(".head").read_text()
    fill(log, 1)
    log.path.with_suffix(".head").write_text(head)
    assert log.verify().ok


def test_details_are_small_and_plain(log):
    log.append("egress", "prompt", detail={"text": "x" * 9999, "n": {1, 2}})
    (record,) = log.records()
    assert len(record.detail["text"]) == 500
    assert record.detail["n"] == [1, 2]
    with pytest.raises(BadOption, match="too large"):
        log.append("run", "x", detail={"rows": list(range(20_000))})
    assert log.verify().records == 1


def test_threads_and_processes_write_one_chain(log):
    code = (
        "import sys; from pathlib import Path; from edgp_magics.infrastructure import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "for n in range(40): log.append('run', f'p{n}')"
    )
    others = [subprocess.Popen([sys.executable, "-c", code, str(log.path)]) for _ in range(2)]
    threads = [threading.Thread(target=fill, args=(AuditLog(log.path), 20)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [p.wait(60) for p in others] == [0, 0]
    verdict = log.verify()
    assert (verdict.ok, verdict.records) == (True, 140)


def test_the_log_reads_well(log):
    assert audit_document(()).blocks[0].text == "The log is empty."
    fill(log, 3)
    grid = audit_document(log.records()).blocks[1]
    assert [row[0] for row in grid.rows] == [3, 2, 1]
    assert log.verify().document().blocks[0].text == "The chain is whole: 3 records."


@pytest.mark.parametrize(("second", "records"), [({"approved": 2}, 1), ({"approved": 0}, 2)])
def test_work_that_is_done_again_is_recorded_once_unless_it_says_something_else(log, second, records):
    log.append("approval", "approval of wf-1", detail={"approved": 2})
    log.append("approval", "approval of wf-2", detail={"approved": 9})
    for _ in range(2):
        last = log.append("approval", "approval of wf-1", detail=second, once=True)
    found = [r for r in log.records() if r.what == "approval of wf-1"]
    assert len(found) == records
    assert last == found[-1]
    assert found[-1].detail.get("supersedes") == (None if records == 1 else found[0].number)
    assert log.verify().ok


def test_the_head_of_a_log_begun_anew_is_shorter_and_nothing_of_the_old_one_stays(log):
    fill(log, 12)
    log.path.unlink()
    fill(log, 1)
    assert log.verify().ok
    assert log.path.with_suffix(".head").read_text() == f"1 {log.records()[-1].hash}\n"
