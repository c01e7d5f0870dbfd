"""Work shared with other processes: the same comes of it, whatever happens to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd
import pytest

from edgp_magics.capabilities._scan import scan_privacy
from edgp_magics.errors import Interrupted
from edgp_magics.frames import as_frame
from edgp_magics.infrastructure import _crew
from edgp_magics.infrastructure._crew import ProcessCrew, Todo, cores
from edgp_magics.values import Context, Crew, Progress

pytestmark = pytest.mark.skipif(os.name != "posix", reason="helpers are for POSIX")
KERNEL = "EDGP_TEST_KERNEL"
PIECES = list(range(60))
SECONDS = [0.004] * 60


def squares(pieces: Sequence[int], progress: Progress) -> list[int]:
    progress.step("squares")
    time.sleep(0.002 * len(pieces))
    return [p * p for p in pieces]


def whose(pieces: Sequence[int], progress: Progress) -> list[int]:
    time.sleep(0.002 * len(pieces))
    return [os.getpid()] * len(pieces)


def dies_elsewhere(pieces: Sequence[int], progress: Progress) -> list[int]:
    if os.environ[KERNEL] != str(os.getpid()) and len(pieces) > 1:
        os._exit(3)
    return squares(pieces, progress)


def fails_elsewhere(pieces: Sequence[int], progress: Progress) -> list[int]:
    if os.environ[KERNEL] != str(os.getpid()) and len(pieces) > 1:
        raise MemoryError
    return squares(pieces, progress)


def prints(pieces: Sequence[int], progress: Progress) -> list[int]:
    print("what a library says by the way", flush=True)
    return squares(pieces, progress)


def sleeps_elsewhere(pieces: Sequence[int], progress: Progress) -> list[int]:
    if os.environ[KERNEL] != str(os.getpid()) and len(pieces) > 1:
        time.sleep(60)
    return squares(pieces, progress)


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessCrew]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setenv(KERNEL, str(os.getpid()))
    monkeypatch.setattr(_crew, "START_AFTER", 0.0)
    made = ProcessCrew(lambda: 3)
    yield made
    made.close()


def ready(crew: ProcessCrew, work: Callable[..., list[int]]) -> None:
    """Have the helpers started and wait until they are there."""
    crew.share(work, PIECES[:2], SECONDS[:2], Progress())
    for _ in range(600):
        if all(h.answered for h in crew._helpers):
            return
        time.sleep(0.05)
    raise AssertionError("no helper came up")


@pytest.mark.parametrize("work", [squares, prints, fails_elsewhere, dies_elsewhere])
def test_the_same_comes_of_it_with_helpers_and_without(crew: ProcessCrew, work: Callable[..., list[int]]) -> None:
    ready(crew, work)
    for _ in range(3):
        assert crew.share(work, PIECES, SECONDS, Progress()) == [p * p for p in PIECES]


def test_helpers_do_a_share(crew: ProcessCrew) -> None:
    ready(crew, whose)
    done = crew.share(whose, PIECES, SECONDS, Progress())
    assert len(set(done)) == 3
    assert 10 <= done.count(os.getpid()) <= 50


def test_a_machine_that_kills_helpers_is_left_in_peace(crew: ProcessCrew) -> None:
    for _ in range(12):
        crew.share(squares, PIECES[:2], SECONDS[:2], Progress())
        for helper in crew._helpers:
            os.kill(helper._process.pid, signal.SIGKILL)
            helper._process.wait()
        assert crew.share(squares, PIECES, SECONDS, Progress()) == [p * p for p in PIECES]
    assert not crew._helpers


def test_a_stop_is_heeded_while_a_helper_works_on(crew: ProcessCrew) -> None:
    ready(crew, sleeps_elsewhere)
    processes = [h._process for h in crew._helpers]
    progress = Progress()
    threading.Timer(0.5, progress.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted):
        crew.share(sleeps_elsewhere, PIECES, SECONDS, progress)
    assert time.monotonic() - begun < 20
    assert all(p.poll() is not None for p in processes)
    assert crew.share(squares, PIECES, SECONDS, Progress()) == [p * p for p in PIECES]


def test_two_threads_do_not_take_each_others_answers(crew: ProcessCrew) -> None:
    ready(crew, squares)
    out: dict[int, list[int]] = {}

    def ask(at: int) -> None:
        out[at] = crew.share(squares, [p + at for p in PIECES], SECONDS, Progress())

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert out == {at: [(p + at) ** 2 for p in PIECES] for at in range(4)}


@pytest.mark.parametrize("processes", [1, 2])
def test_so_many_processes_as_are_wanted(crew: ProcessCrew, processes: int) -> None:
    alone = ProcessCrew(lambda: processes)
    alone.share(squares, PIECES[:4], SECONDS[:4], Progress())
    assert len(alone._helpers) == processes - 1
    alone.close()
    assert ProcessCrew().others == min(cores(), _crew.MOST) - 1


def test_a_process_that_was_forked_off_leaves_the_helpers_alone(crew: ProcessCrew) -> None:
    ready(crew, squares)
    crew._owner = -1
    assert crew.share(whose, PIECES, SECONDS, Progress()) == [os.getpid()] * len(PIECES)


_KERNEL = """
import sys, time
sys.path.insert(0, {here!r})
from test_crew import _crew, ProcessCrew, Progress, ready, squares
_crew.START_AFTER = 0.0
crew = ProcessCrew(lambda: 2)
ready(crew, squares)
print(crew._helpers[0]._process.pid, flush=True)
time.sleep(60)
"""


def test_a_killed_kernel_leaves_no_helper(crew: ProcessCrew) -> None:
    program = _KERNEL.format(here=str(Path(__file__).parent))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as kernel:
        assert kernel.stdout is not None
        helper = int(kernel.stdout.readline())
        kernel.kill()
    for _ in range(100):
        if not running(helper):
            return
        time.sleep(0.1)
    raise AssertionError("the helper lives on")


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.is_file() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_helper_that_nobody_asks_ends(crew: ProcessCrew) -> None:
    program = "from edgp_magics.infrastructure import _crew; _crew.IDLE = 0.3; _crew.serve()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as helper:
        _crew.write(helper.stdin, (len_of, [[1, 2]]))
        assert _crew.read(helper.stdout) == [2]
        assert helper.wait(timeout=20) == 0


def test_what_is_put_back_is_taken_again() -> None:
    todo = Todo([1.0] * 4)
    taken = todo.first(2.0)
    todo.again(taken)
    assert sorted(todo.first(9.0)) == [0, 1, 2, 3]
    assert (todo.left, todo.seconds) == (0, 0.0)


def test_a_scan_finds_the_same_with_helpers(crew: ProcessCrew) -> None:
    people = {
        "name": [f"{g} {f}" for g in ("Maria", "John", "Chen", "Anna") for f in ("Garcia", "Miller", "Wei", "Kowalska")] * 25,
        "mail": [f"user{i}@example.org" for i in range(400)],
        "note": [f"Call Maria Garcia back on +65 9123 {4000 + i} about order {i}, she lives at {i} High Street" for i in range(400)],
        "code": [f"AB-{i:05}" for i in range(400)],
        "mixed": [i if i % 7 else "a.tan@example.org" for i in range(400)],
    }
    frame = as_frame(pd.DataFrame(people), name="people")
    alone = scan_privacy(frame, Context(crew=Crew()))
    for _ in range(3):
        shared = scan_privacy(frame, Context(crew=crew))
        time.sleep(1.0)
        assert shared.to_dict() == alone.to_dict()
    assert crew._helpers


def len_of(pieces: Sequence[Sequence[int]], progress: Progress) -> list[int]:
    return [len(p) for p in pieces]
