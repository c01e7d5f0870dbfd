"""Who did what to which table: an append-only log in which each record holds the hash of the one before.

The chain shows any change inside the log; that the end was not cut off is shown by the head kept beside it, and by any
head that somebody wrote down elsewhere (``verify(expected=...)``).
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..errors import BadOption
from ..values import Block, Code, DatasetRef, Document, Grid, Items, Text, plain, plural
from ._lock import locked

Event = Literal["run", "workflow", "approval", "apply", "undo", "egress", "override", "recovered"]
_FIRST = "0" * 64
_TEXT_LIMIT = 500
_DETAIL_LIMIT = 20_000


@dataclass(frozen=True, kw_only=True)
class AuditRecord:
    """One line of the log."""

    number: int
    at: str
    event: str
    who: str
    what: str
    dataset: str = ""
    fingerprint: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    previous: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What :meth:`AuditLog.verify` found; ``head`` is the last record's hash, worth writing down elsewhere."""

    ok: bool
    records: int
    head: str
    problems: tuple[str, ...] = ()

    def document(self) -> Document:
        """The verdict for people."""
        words = "The chain is whole" if self.ok else "The log was changed"
        blocks: list[Block] = [Text(f"{words}: {plural(self.records, 'record')}.", tone="strong")]
        if self.problems:
            blocks.append(Items(self.problems))
        return Document(title="Audit log", blocks=tuple(blocks), footer=f"head {self.head}")


def _today() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class AuditLog:
    """The log at ``path``; any number of processes may write to it at the same time.

    A line that a crash cut off stays where it is: the next record says so and carries the hash of what was left, so that
    the chain goes on over it. Details are small plain data, never cell values.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = AuditLog(Path(folder) / "audit.jsonl")
    ...     _ = log.append("run", "privacy_scan")
    ...     verdict = log.verify()
    >>> verdict.ok, verdict.records
    (True, 1)
    """

    def __init__(self, path: Path, *, who: str | None = None, now: Callable[[], dt.datetime] = _today) -> None:
        self.path = path
        self._head = path.with_suffix(".head")
        self._lock = path.with_suffix(".lock")
        self._who = who or _user()
        self._now = now

    def append(
        self,
        event: Event,
        what: str,
        *,
        dataset: DatasetRef | None = None,
        detail: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> AuditRecord:
        """Write a record: ``what`` was run, approved, applied or sent, on which table, with which ``detail``.

        ``once`` is for a piece of work that was cut off and is done again: a record that says the same is not written again;
        one that says something else supersedes the earlier one, and names it.
        """
        said = _small(detail or {})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with locked(self._lock):
            earlier = self._earlier(event, what, dataset) if once else None
            if earlier is not None:
                if {k: v for k, v in earlier.detail.items() if k != "supersedes"} == said:
                    return earlier
                said["supersedes"] = earlier.number
            number, previous, damage = self._last()
            if damage is not None:
                number, previous = self._recover(number, previous, damage)
            return self._write(
                {
                    "number": number + 1,
                    "event": event,
                    "what": what[:_TEXT_LIMIT],
                    "dataset": dataset.name if dataset else "",
                    "fingerprint": dataset.fingerprint if dataset else "",
                    "detail": said,
                    "previous": previous,
                },
                durable=event != "run",
            )

    def _earlier(self, event: str, what: str, dataset: DatasetRef | None) -> AuditRecord | None:
        """The last record of the same piece of work."""
        found = [r for r in self.records(event=event, dataset=dataset.name if dataset else "") if r.what == what[:_TEXT_LIMIT]]
        return found[-1] if found else None

    def _write(self, record: dict[str, Any], *, durable: bool) -> AuditRecord:
        record |= {"at": self._now().isoformat(timespec="milliseconds"), "who": self._who}
        record["hash"] = _hash(record)
        with self.path.open("ab") as file:
            file.write(_canonical(record) + b"\n")
            file.flush()
            if durable:  # an approval must outlive a power cut; a run can be run again
                os.fsync(file.fileno())
        self._write_head(f"{record['number']} {record['hash']}\n".encode("ascii"))
        return AuditRecord(**record)

    def _write_head(self, line: bytes) -> None:
        """One short write in place: it is whole or not there, needs no room on a full disk, and costs a tenth of a new file."""
        with self._head.open("r+b" if self._head.exists() else "wb", buffering=0) as file:
            file.write(line)
            file.truncate()

    def _last(self) -> tuple[int, str, bytes | None]:
        """Number and hash of the last whole record, and what lies after it when that is no record."""
        line = _last_line(self.path)
        if not line:
            return 0, _FIRST, None
        record = _read(line)
        if record is None:
            whole = [r for _, _, r in _lines(self.path) if r is not None]
            return (whole[-1].number, whole[-1].hash, line) if whole else (0, _FIRST, line)
        if not line.endswith(b"\n"):  # whole but for its line end
            self._end_line()
        return record.number, record.hash, None

    def _end_line(self) -> None:
        with self.path.open("ab") as file:
            file.write(b"\n")

    def _recover(self, number: int, previous: str, damage: bytes) -> tuple[int, str]:
        if not damage.endswith(b"\n"):
            self._end_line()
        lost = {"bytes": len(damage.rstrip(b"\n")), "sha256": hashlib.sha256(damage.rstrip(b"\n")).hexdigest()}
        record = {
            "number": number + 1,
            "event": "recovered",
            "what": "a line that was cut off",
            "dataset": "",
            "fingerprint": "",
            "detail": lost,
        }
        written = self._write(record | {"previous": previous}, durable=True)
        return written.number, written.hash

    # -- reading ---------------------------------------------------------------------------------------------
    def records(self, *, event: str | None = None, dataset: str | None = None) -> tuple[AuditRecord, ...]:
        """The records in order, those of one event or one dataset where named."""
        whole = (r for _, _, r in _lines(self.path) if r is not None)
        return tuple(r for r in whole if event in (None, r.event) and dataset in (None, r.dataset))

    def verify(self, *, expected: str | None = None) -> Verdict:
        """Walk the chain; ``expected`` is a head that was written down earlier and must be in it."""
        problems: list[str] = []
        previous, number, damage = _FIRST, 0, None
        seen = {_FIRST}
        for line_number, line, record in _lines(self.path):
            if record is None:
                problems += [f"line {damage[0]} is no record"] if damage else []
                damage = (line_number, hashlib.sha256(line.rstrip(b"\n")).hexdigest())
                continue
            if damage is not None and not (record.event == "recovered" and record.detail.get("sha256") == damage[1]):
                problems.append(f"line {damage[0]} is no record")
            damage = None
            problems += _faults(line_number, record, previous, number)
            previous, number = record.hash, record.number
            seen.add(record.hash)
        if damage is not None:
            problems.append(f"line {damage[0]} was cut off; the next record will say so")
        problems += self._head_faults(number, previous)
        if expected is not None and expected not in seen:
            problems.append(f"the head {expected[:12]} that was written down is not in the log")
        return Verdict(ok=not problems, records=number, head=previous, problems=tuple(problems[:50]))

    def _head_faults(self, number: int, previous: str) -> list[str]:
        try:
            kept, head = self._head.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return ["the head beside the log is missing"] if number else []
        except ValueError:
            return ["the head beside the log cannot be read"]
        if int(kept) > number:
            return [f"records are missing at the end: {number} of {kept} are there"]
        # a crash between log and head leaves the head one behind; the chain itself still holds
        return ["the end of the log is not the one that was written"] if int(kept) == number and head != previous else []


def _faults(line: int, record: AuditRecord, previous: str, number: int) -> list[str]:
    out = []
    if record.previous != previous or record.number != number + 1:
        out.append(f"line {line}: record {record.number} does not follow record {number}")
    if _hash(plain(record)) != record.hash:
        out.append(f"line {line}: record {record.number} was changed")
    return out


def _hash(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical({k: v for k, v in record.items() if k != "hash"})).hexdigest()


def _canonical(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _read(line: bytes) -> AuditRecord | None:
    try:
        return AuditRecord(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _lines(path: Path) -> Iterator[tuple[int, bytes, AuditRecord | None]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line, _read(line)
    except FileNotFoundError:
        return


def _last_line(path: Path, step: int = 65_536) -> bytes:
    """The last line, with its end where it has one; read from the back."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            tail = b""
            while size and b"\n" not in tail[:-1]:
                start = max(0, size - step)
                file.seek(start)
                tail = file.read(size - start) + tail
                size = start
    except FileNotFoundError:
        return b""
    return tail[tail[:-1].rfind(b"\n") + 1 :]


def _small(detail: Mapping[str, Any]) -> dict[str, Any]:
    out = {str(k): v[:_TEXT_LIMIT] if isinstance(v, str) else v for k, v in plain(detail).items()}
    if len(_canonical(out)) > _DETAIL_LIMIT:
        raise BadOption("the detail of an audit record is too large.", hint="Name what was done; the data stays where it is.")
    return out


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for this user id, as in some containers
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def audit_document(records: tuple[AuditRecord, ...], shown: int = 100) -> Document:
    """The last records as a document."""
    if not records:
        return Document(title="Audit log", blocks=(Text("The log is empty.", tone="strong"),))
    last = records[-shown:][::-1]
    rows = tuple((r.number, r.at[:19].replace("T", " "), r.event, r.what, r.dataset, Code(r.fingerprint[:12]), r.who) for r in last)
    grid = Grid("Newest first", ("no.", "at (UTC)", "event", "what", "data", "fingerprint", "who"), rows, more=len(records) - len(last))
    return Document(
        title="Audit log", blocks=(Text(f"{plural(len(records), 'record')}.", tone="strong"), grid), footer=f"head {records[-1].hash}"
    )
