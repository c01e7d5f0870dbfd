"""Other processes that take their share of long work, so that more than one core does it.

Python does one thing at a time in one process. Work that comes in many independent pieces (the columns of a table, the texts of a
column) may be shared out once it has gone on for longer than it takes to start a helper. A helper is this interpreter with this
package, reads work from its input, and ends with it; it has no state that a result could depend on.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from ..values import Crew, Done, Piece, Progress, Work

START_AFTER = 0.7
"""A helper costs about so many seconds of processor time to start: it is started when as much was spent without one."""
WORTH = 0.002
"""Less than so many seconds of work is done before it is handed over."""
LONGEST = 0.25
"""What a helper is given takes about so many seconds at most: as long may others wait for the last …"""
FAIR = 0.9
"""… and so much of an equal share of what is left."""
OWN = 0.002
"""The kernel's own process looks after its helpers about so often."""
IDLE = 120.0
"""A helper that nobody asked for so many seconds ends."""
MOST = 4
"""So many processes at most, this one counted."""
_HEAD = struct.Struct("!Q")
_SERVE = "from edgp_magics.infrastructure._crew import serve; serve()"


class HelperLost(Exception):
    """A helper has ended or answers no more; its share is done here."""


class ProcessCrew(Crew):
    """The kernel and, once work goes on, other processes beside it; ``processes`` says how many together, None for what serves.

    Safe across threads: while one has the helpers, another does its work alone.
    """

    def __init__(self, processes: Callable[[], int | None] = lambda: None) -> None:
        self._processes = processes
        self._helpers: list[_Helper] = []
        self._spent = 0.0
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._lost = 0

    def share(self, work: Work[Piece, Done], pieces: Sequence[Piece], seconds: Sequence[float], progress: Progress) -> list[Done]:
        """What came of each piece, in their order; helpers take what they can, as soon as there are any."""
        mine = self.others > 0 and os.getpid() == self._owner and self._lock.acquire(blocking=False)
        if not mine:
            return work(pieces, progress)
        try:
            return self._share(work, pieces, seconds, progress)
        except BaseException:
            self.close()  # whatever a helper still does, nobody waits for it
            raise
        finally:
            self._lock.release()

    def _share(self, work: Work[Piece, Done], pieces: Sequence[Piece], seconds: Sequence[float], progress: Progress) -> list[Done]:
        todo, done = Todo(seconds), dict[int, Done]()
        while len(done) < len(pieces):
            for helper in tuple(self._helpers):
                self._serve(helper, work, pieces, todo, done)
            if todo.left:
                batch = todo.last(OWN)
                begun = time.thread_time()
                done.update(zip(batch, work([pieces[i] for i in batch], progress), strict=True))
                self._spent += time.thread_time() - begun
                self._start_if_due(work, pieces)
            elif len(done) < len(pieces):
                self._wait(progress)
        return [done[i] for i in range(len(pieces))]

    def _serve(self, helper: _Helper, work: Work[Piece, Done], pieces: Sequence[Piece], todo: Todo, done: dict[int, Done]) -> None:
        """Take what a helper has done and give it the next batch; the batch of a lost one is done by others."""
        try:
            if helper.answered:
                done.update(helper.receive())
            share = min(LONGEST, FAIR * todo.seconds / (1 + len(self._helpers)))
            if not helper.busy and share >= WORTH:
                helper.send(work, pieces, todo.first(share))
        except HelperLost:
            todo.again(helper.has)
            self._forget(helper)

    def _start_if_due(self, work: Work[Piece, Done], pieces: Sequence[Piece]) -> None:
        if self._spent < START_AFTER or self._helpers or self._lost >= MOST:  # a machine that kills helpers is left in peace
            return
        self._helpers = [_Helper() for _ in range(self.others)]
        for helper in self._helpers:
            with contextlib.suppress(HelperLost):
                helper.prepare(work, pieces[:1])

    def _wait(self, progress: Progress) -> None:
        """Wait for any helper; a stop is heeded."""
        progress.step()
        select.select([h.output for h in self._helpers if h.has], [], [], 0.05)

    @property
    def others(self) -> int:
        """How many helpers there may be."""
        wanted = self._processes()
        return (min(cores(), MOST) if wanted is None else wanted if os.name == "posix" else 1) - 1

    def close(self) -> None:
        """End all helpers; they are started again when there is work for them."""
        for helper in self._helpers:
            helper.end()
        self._helpers, self._spent = [], 0.0

    def _forget(self, helper: _Helper) -> None:
        self._lost += helper.failed
        helper.end()
        self._helpers = [h for h in self._helpers if h is not helper]


class _Helper:
    """One other process: it is given work and asked for what came of it."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join((root, *filter(None, (os.environ.get("PYTHONPATH"),))))
        self._process = subprocess.Popen(  # noqa: S603  (this interpreter, a constant program)
            [sys.executable, "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # an interrupt is for the kernel, which then ends its helpers
        )
        self.has: list[int] = []
        self._preparing = False
        self.end = weakref.finalize(self, _end, self._process)

    @property
    def output(self) -> IO[bytes]:
        """Where its answers come from."""
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def failed(self) -> bool:
        """Whether it did not end by itself, after nobody had asked it for long."""
        return self._process.poll() != 0

    @property
    def answered(self) -> bool:
        """Whether there is something to receive."""
        return self.busy and bool(select.select([self.output], [], [], 0.0)[0])

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return bool(self.has) or self._preparing

    def prepare(self, work: Work[Piece, Done], first: Sequence[Piece]) -> None:
        """Have it import and prepare what work needs, on a first piece; what comes of it is of no interest."""
        self._preparing = True
        self._write(work, first)

    def send(self, work: Work[Piece, Done], pieces: Sequence[Piece], batch: list[int]) -> None:
        """Hand over a batch of the pieces."""
        self.has = batch
        self._write(work, [pieces[i] for i in batch])

    def receive(self) -> dict[int, Any]:
        """What came of its batch."""
        try:
            answer = read(self.output)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise HelperLost from None
        if not isinstance(answer, list):
            raise HelperLost(str(answer))
        prepared, self._preparing = self._preparing, False
        batch, self.has = self.has, []
        return {} if prepared else dict(zip(batch, answer, strict=True))

    def _write(self, work: Work[Piece, Done], pieces: Sequence[Piece]) -> None:
        try:
            write(self._process.stdin, (work, list(pieces)))
        except OSError:
            raise HelperLost from None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()


def cores() -> int:
    """The cores that this process may use; 1 where no helper can be started (Windows, Python inside another program).

    >>> cores() >= 1
    True
    """
    if os.name != "posix" or "python" not in Path(sys.executable or "").name:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Todo:
    """The pieces that nobody has taken yet, and about how long they take.

    >>> todo = Todo([0.25, 0.25, 0.5, 1.0])
    >>> todo.first(0.4), todo.last(0.1), todo.seconds, todo.left
    ([0, 1], [3], 0.5, 1)
    """

    def __init__(self, seconds: Sequence[float]) -> None:
        self._each = seconds
        self._pieces = deque(range(len(seconds)))
        self.seconds = sum(seconds)

    @property
    def left(self) -> int:
        """How many there are."""
        return len(self._pieces)

    def first(self, seconds: float) -> list[int]:
        """From the front as many as take so long, one at least."""
        return self._taken(self._pieces.popleft, seconds)

    def last(self, seconds: float) -> list[int]:
        """The same from the end."""
        return self._taken(self._pieces.pop, seconds)

    def again(self, pieces: Sequence[int]) -> None:
        """Put back what was taken and not done."""
        self._pieces.extendleft(pieces)
        self.seconds += sum(self._each[i] for i in pieces)

    def _taken(self, take: Callable[[], int], seconds: float) -> list[int]:
        out: list[int] = []
        load = 0.0
        while self._pieces and load < seconds:
            out.append(take())
            load += self._each[out[-1]]
        self.seconds -= load
        return out


def write(stream: IO[bytes] | None, value: Any) -> None:
    """One value, its length before it."""
    assert stream is not None
    data = pickle.dumps(value, protocol=5)
    stream.write(_HEAD.pack(len(data)))
    stream.write(data)
    stream.flush()


def read(stream: IO[bytes] | None) -> Any:
    """The next value; :class:`EOFError` at the end."""
    assert stream is not None
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    data = stream.read(_HEAD.unpack(head)[0])
    return pickle.loads(data)  # noqa: S301  (from a process that this one has started, over a pipe of its own)


def serve() -> None:
    """The life of a helper: work comes in, what came of it goes out, until the other end is gone or nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed by the way is no answer
    watch = _Watch()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            work, pieces = read(sys.stdin.buffer)
            with watch:
                try:
                    answer: Any = work(pieces, Progress())
                except Exception:  # noqa: BLE001  (whoever asked does the work itself then, and meets the same)
                    answer = traceback.format_exc()
                write(out, answer)


class _Watch:
    """Ends the process when it has had nothing to do for long."""

    def __init__(self) -> None:
        self._busy = True
        self._since = time.monotonic()
        threading.Thread(target=self._look, daemon=True).start()

    def __enter__(self) -> None:
        self._busy = True

    def __exit__(self, *_: object) -> None:
        self._busy, self._since = False, time.monotonic()

    def _look(self) -> None:
        while self._busy or time.monotonic() - self._since < IDLE:
            time.sleep(IDLE / 10)
        os._exit(0)
