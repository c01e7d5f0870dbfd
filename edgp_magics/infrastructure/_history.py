"""What was found before: an embedded database with the runs of each dataset, so that change over time can be shown."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ..errors import GovernanceError, NotAvailable
from ..values import Block, Cell, Code, Document, Facts, Grid, Result, Text, plain, plural, spark
from ._columns import column_figures
from ._sqlite import BUSY, identity, is_damage, mend, write_ahead

T = TypeVar("T")
_VERSION = 3
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, capability TEXT NOT NULL, agent TEXT NOT NULL, dataset TEXT NOT NULL,
  fingerprint TEXT NOT NULL, rows INTEGER NOT NULL, columns INTEGER NOT NULL, status TEXT NOT NULL, score REAL,
  seconds REAL NOT NULL, metrics TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS findings (
  run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, id TEXT NOT NULL, rule TEXT NOT NULL, severity TEXT NOT NULL,
  columns TEXT NOT NULL, message TEXT NOT NULL, count INTEGER NOT NULL, of INTEGER NOT NULL, PRIMARY KEY (run, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS profiles (
  run TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE, columns TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked (
  run TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE, options TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS runs_of ON runs (dataset, capability, at);
"""


@dataclass(frozen=True, kw_only=True)
class PastFinding:
    """A finding as it was then."""

    id: str
    rule: str
    severity: str
    columns: tuple[str, ...]
    message: str
    count: int
    of: int


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A run as it was then."""

    id: str
    at: str
    capability: str
    agent: str
    dataset: str
    fingerprint: str
    rows: int
    columns: int
    status: str
    score: float | None
    seconds: float
    metrics: Mapping[str, float | int | None]
    findings: tuple[PastFinding, ...] = field(default=())
    profile: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of a profile: aggregates by column (see ``_columns``)."""
    options: Mapping[str, Any] | None = None
    """What it was run with; None where that was not kept."""

    def value(self) -> Mapping[str, Any]:
        """The run as a capability is given it (see ``Context.history``)."""
        return dict(plain(self))


class History:
    """Runs in the SQLite file at ``path``; several kernels may use it at the same time.

    A damaged file is moved aside, never deleted, and a new one begun: :attr:`notice` says so.
    """

    def __init__(self, path: Path, *, on_notice: Callable[[str], None] | None = None) -> None:
        self.path = path
        self.notice = ""
        self._on_notice = on_notice
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    # -- writing ---------------------------------------------------------------------------------------------
    def add(self, result: Result) -> None:
        """Keep a result's figures and findings; a result that is not stamped with a run is not kept."""
        run = result.run
        if run is None:
            return
        ref, score = result.dataset, getattr(result, "score", None)
        row = (
            run.id,
            run.started,
            result.capability.value,
            result.agent,
            ref.name,
            ref.fingerprint,
            ref.rows,
            len(ref.columns),
            result.status.value,
            float(score) if isinstance(score, (int, float)) else None,
            run.seconds,
            json.dumps(plain(result.metrics), sort_keys=True),
        )
        found = [
            (run.id, f.id, f.rule, f.severity.value, json.dumps(f.columns), f.message, f.count, f.of)
            for f in {f.id: f for f in result.findings}.values()
        ]

        columns = column_figures(result)
        asked = json.dumps(plain(run.options), sort_keys=True)

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("INSERT OR REPLACE INTO runs VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
                connection.executemany("INSERT OR REPLACE INTO findings VALUES (?,?,?,?,?,?,?,?)", found)
                connection.execute("INSERT OR REPLACE INTO asked VALUES (?,?)", (run.id, asked))
                if columns:
                    connection.execute("INSERT OR REPLACE INTO profiles VALUES (?,?)", (run.id, json.dumps(columns)))

        self._use(write)

    # -- reading ---------------------------------------------------------------------------------------------
    def runs(self, dataset: str | None = None, *, capability: str | None = None, limit: int = 100) -> tuple[PastRun, ...]:
        """The last runs, oldest first, of a dataset and capability where named, with their findings."""

        def read(connection: sqlite3.Connection) -> tuple[PastRun, ...]:
            where = "WHERE (:dataset IS NULL OR dataset = :dataset) AND (:capability IS NULL OR capability = :capability)"
            rows = connection.execute(
                f"SELECT * FROM runs {where} ORDER BY at DESC, rowid DESC LIMIT :limit",  # noqa: S608  fixed text
                {"dataset": dataset, "capability": capability, "limit": limit},
            ).fetchall()
            return tuple(_past_run(connection, row) for row in reversed(rows))

        return self._use(read)

    def datasets(self) -> tuple[str, ...]:
        """The datasets of which something is known."""
        return tuple(name for (name,) in self._use(lambda c: c.execute("SELECT DISTINCT dataset FROM runs ORDER BY dataset").fetchall()))

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # -- the file --------------------------------------------------------------------------------------------
    def _use(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                return work(self._connected())
            except sqlite3.OperationalError as error:
                if not is_damage(error):
                    raise _unusable(error) from None
                return self._again(work)
            except sqlite3.DatabaseError:
                return self._again(work)

    def _again(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """After damage: perhaps another kernel has mended it already; else move the file aside and begin anew."""
        self._drop()
        try:
            notice = mend(self.path, "history file")
        except sqlite3.Error as error:
            raise _unusable(error) from None
        if notice:
            self.notice = notice
            if self._on_notice is not None:
                self._on_notice(notice)
        try:
            return work(self._connected())
        except sqlite3.DatabaseError as error:
            raise _unusable(error) from None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is not None and self._file != identity(self.path):
            self._drop()  # another kernel moved the file aside
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self.path, timeout=BUSY, check_same_thread=False)
            write_ahead(self._connection)
            self._connection.execute("PRAGMA foreign_keys=ON")
            if self._connection.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
                self._connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;")
            self._file = identity(self.path)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _unusable(error: sqlite3.Error) -> GovernanceError:
    return NotAvailable(
        f"the history cannot be used: {error}.", hint="Free some disk space or close other kernels; `history = off` does without."
    )


def _past_run(connection: sqlite3.Connection, row: tuple[Any, ...]) -> PastRun:
    found = connection.execute(
        "SELECT id, rule, severity, columns, message, count, of FROM findings WHERE run = ? ORDER BY id", (row[0],)
    ).fetchall()
    kept = connection.execute("SELECT columns FROM profiles WHERE run = ?", (row[0],)).fetchone()
    asked = connection.execute("SELECT options FROM asked WHERE run = ?", (row[0],)).fetchone()
    names = ("id", "at", "capability", "agent", "dataset", "fingerprint", "rows", "columns", "status", "score", "seconds")
    return PastRun(
        **dict(zip(names, row, strict=False)),
        metrics=json.loads(row[11]),
        profile=json.loads(kept[0]) if kept else {},
        options=json.loads(asked[0]) if asked else None,
        findings=tuple(
            PastFinding(id=i, rule=r, severity=s, columns=tuple(json.loads(c)), message=m, count=n, of=o) for i, r, s, c, m, n, o in found
        ),
    )


def history_document(runs: tuple[PastRun, ...], dataset: str) -> Document:
    """How quality and findings of a dataset went over time.

    >>> history_document((), "orders").blocks[0].text
    'Nothing is known of `orders` yet.'
    """
    if not runs:
        return Document(title=f"History: {dataset}", blocks=(Text(f"Nothing is known of `{dataset}` yet.", tone="strong"),))
    scored = [r for r in runs if r.score is not None]
    blocks: list[Block] = [Text(f"{plural(len(runs), 'run')} between {runs[0].at[:10]} and {runs[-1].at[:10]}.", tone="strong")]
    if scored:
        trend = spark([r.score or 0.0 for r in scored])
        blocks.append(Facts((("quality", Code(trend)), ("first", _score(scored[0].score)), ("last", _score(scored[-1].score)))))
    blocks += _changes(runs)
    rows = tuple(
        (
            r.at[:19].replace("T", " "),
            r.capability.replace("_", " "),
            _score(r.score),
            len(r.findings),
            r.rows,
            r.status,
            Code(r.fingerprint[:12]),
        )
        for r in reversed(runs)
    )
    blocks.append(Grid("Runs, newest first", ("at (UTC)", "capability", "score", "findings", "rows", "status", "fingerprint"), rows))
    return Document(title=f"History: {dataset}", blocks=tuple(blocks))


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.1f}"


def _changes(runs: tuple[PastRun, ...]) -> Iterator[Block]:
    """What is new, gone or different since the run before that looked at the same: of equal capability and options."""
    rows: list[tuple[Cell, ...]] = []
    alone: list[str] = []
    for capability in dict.fromkeys(r.capability for r in runs):
        *earlier, last = [r for r in runs if r.capability == capability]
        equal = [r for r in earlier if r.options == last.options]
        if not equal:
            alone += [capability.replace("_", " ")] if earlier else []
            continue
        before, now = ({f.id: f for f in r.findings} for r in (equal[-1], last))
        rows += [("new", f.severity, f.message, f.count, None, Code(f.id)) for i, f in now.items() if i not in before]
        rows += [("gone", f.severity, f.message, None, f.count, Code(f.id)) for i, f in before.items() if i not in now]
        rows += [
            ("changed", f.severity, f.message, f.count, before[i].count, Code(i))
            for i, f in now.items()
            if i in before and before[i].count != f.count
        ]
    if alone:
        yield Text(f"Not compared, as the last run had options that none before had: {', '.join(alone)}.", tone="note")
    if rows:
        yield Grid(
            "Since the run before",
            ("change", "severity", "finding", "rows now", "rows before", "id"),
            tuple(rows[:100]),
            more=max(0, len(rows) - 100),
        )
