"""Documents and passages in one SQLite file: the truth from which every index can be made again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import KnowledgeError
from ...infrastructure import set_aside, write_ahead
from ._journal import Entry as Line
from ._journal import Journal

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, metadata TEXT NOT NULL, hash TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passages (
  row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, document TEXT NOT NULL, place INTEGER NOT NULL,
  title TEXT NOT NULL, section TEXT NOT NULL, text TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  metadata TEXT NOT NULL, keys BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_document ON passages (document, place);
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_PART = 500
_COLUMNS = "id, document, place, title, section, text, first, last, metadata, keys"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A passage as it is kept. ``keys`` are the keys of its vectors, one a window of its text."""

    id: str
    document: str
    place: int
    text: str
    title: str = ""
    section: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    keys: bytes = b""
    row: int = 0


@dataclass(frozen=True)
class Entry:
    """What the index needs to know of a passage without its text."""

    row: int
    id: str
    document: str
    place: int
    metadata: str
    keys: bytes


@dataclass(frozen=True, kw_only=True)
class SourceDocument:
    """A whole document: its text is what passages slice."""

    id: str
    title: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Changes when text or metadata do."""
        return hashlib.blake2b(
            f"{self.title}\0{dumps(self.metadata)}\0{self.text}".encode("utf-8", "surrogatepass"), digest_size=16
        ).hexdigest()


class Sources:
    """Reads and writes; safe across threads and processes.

    ``path`` None keeps everything in memory. ``notices`` says what had to be repaired. What is written is written to a
    journal, too, from which a damaged or missing file is made again.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.notices: list[str] = []
        self._lock = threading.RLock()
        self._journal = Journal(path.with_suffix(".jsonl")) if path is not None else None
        self._unwritten: list[Line] = []
        self._identity = ""
        self._db = self._open()
        self._tidy_journal()

    # -- opening ---------------------------------------------------------------------------------------------
    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            return _connect(None)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        missing = not self.path.exists()
        try:
            db = _connect(self.path)
            return self._restored(db) if missing else db
        except sqlite3.OperationalError as error:
            raise KnowledgeError(f"the knowledge base {self.path.name} cannot be opened: {error}.", path=str(self.path)) from None
        except sqlite3.DatabaseError:
            return self._recovered()

    def _recovered(self) -> sqlite3.Connection:
        """A new file with what could still be read of the damaged one, which is set aside."""
        if self.path is None:  # pragma: no cover  # memory does not get damaged
            raise KnowledgeError("the knowledge base in memory cannot be read.")
        damaged = set_aside(self.path)
        for ending in ("-wal", "-shm"):
            companion = self.path.with_name(self.path.name + ending)
            if companion.exists():
                companion.rename(damaged.with_name(damaged.name + ending))
        fresh = _connect(self.path)
        if self._replayed(fresh):
            documents, passages = _counts(fresh)
            how = "brought back from its journal"
        else:
            documents, passages = _salvage(damaged, fresh)
            how = "all that could still be read of it"
        self.notices.append(
            f"The knowledge base was damaged: {documents} documents and {passages} passages were {how}, the old file is {damaged.name}."
        )
        return fresh

    def _restored(self, db: sqlite3.Connection) -> sqlite3.Connection:
        """A new file, with what the journal of a lost one holds."""
        if self._replayed(db):
            documents, passages = _counts(db)
            if passages:
                self.notices.append(
                    f"The file of the knowledge base was gone: {documents} documents and {passages} passages "
                    "were brought back from its journal."
                )
        return db

    def _replayed(self, db: sqlite3.Connection) -> bool:
        """Whether there was a journal, all of which is now in ``db``."""
        lines = 0
        db.execute("BEGIN IMMEDIATE")
        for line in self._journal.entries() if self._journal else ():
            _replay(db, line)
            lines += 1
        db.commit()
        return lines > 0

    def _tidy_journal(self) -> None:
        """Write the journal anew where there is none, or where most of it is of the past."""
        if self._journal is None or self.path is None:
            return
        if self._journal.path.exists() and not self._journal.overgrown(self.path.stat().st_size):
            return
        with contextlib.suppress(sqlite3.DatabaseError), self.writing():  # what is damaged is met, and repaired, on reading
            if self.rows():
                self._journal.rewrite(self._lines())

    def _lines(self) -> Iterator[Line]:
        """All there is, as entries of the journal."""
        if self._base_line():
            yield self._base_line()
        for (key,) in self._db.execute("SELECT DISTINCT document FROM passages ORDER BY document").fetchall():
            rows = [row for (row,) in self._db.execute("SELECT row FROM passages WHERE document = ? ORDER BY row", (key,))]
            yield _put_line(list(self.passages(rows).values()), self.document(key))

    def _base_line(self) -> Line:
        found = self._db.execute("SELECT value FROM about WHERE name = 'base'").fetchone()
        return {"base": found[0]} if found else {}

    def identity(self) -> str:
        """A name of this base that no other has, made when it is first asked for."""
        if not self._identity:
            with self.writing():
                self._db.execute("INSERT OR IGNORE INTO about VALUES ('base', ?)", (uuid.uuid4().hex[:8],))
                line = self._base_line()
                self._unwritten.append(line)
                self._identity = str(line["base"])
        return self._identity

    def repair(self) -> None:
        """Set the damaged file aside and go on with what could be read of it."""
        with self._lock:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = self._recovered()

    def close(self) -> None:
        """Give back the file."""
        with self._lock:
            self._db.close()

    # -- reading ---------------------------------------------------------------------------------------------
    def version(self) -> tuple[int, int]:
        """Changes whenever anybody wrote: another connection, or this one."""
        with self._lock:
            return int(self._db.execute("PRAGMA data_version").fetchone()[0]), self._db.total_changes

    def rows(self) -> list[int]:
        """The numbers of all passages, rising."""
        with self._lock:
            return [row for (row,) in self._db.execute("SELECT row FROM passages ORDER BY row")]

    def entries(self, after: int = -1) -> list[Entry]:
        """Passages with a number above ``after``, rising."""
        with self._lock:
            found = self._db.execute("SELECT row, id, document, place, metadata, keys FROM passages WHERE row > ? ORDER BY row", (after,))
            return [Entry(*row) for row in found]

    def passages(self, rows: Sequence[int]) -> dict[int, Stored]:
        """Whole passages by number."""
        out: dict[int, Stored] = {}
        with self._lock:
            for start in range(0, len(rows), _PART):
                part = list(rows[start : start + _PART])
                marks = ",".join("?" * len(part))
                query = f"SELECT row, {_COLUMNS} FROM passages WHERE row IN ({marks})"  # noqa: S608  # only question marks
                out.update((row[0], _stored(row)) for row in self._db.execute(query, part))
        return out

    def around(self, document: str, place: int, reach: int) -> list[Stored]:
        """A passage and its neighbours in the document, in order."""
        query = f"SELECT row, {_COLUMNS} FROM passages WHERE document = ? AND place BETWEEN ? AND ? ORDER BY place"  # noqa: S608
        with self._lock:
            return [_stored(row) for row in self._db.execute(query, (document, place - reach, place + reach))]

    def find(self, ids: Iterable[str]) -> dict[str, int]:
        """Numbers of the passages with these ids."""
        wanted = list(ids)
        out: dict[str, int] = {}
        with self._lock:
            for start in range(0, len(wanted), _PART):
                part = wanted[start : start + _PART]
                marks = ",".join("?" * len(part))
                out.update(self._db.execute(f"SELECT id, row FROM passages WHERE id IN ({marks})", part).fetchall())  # noqa: S608  # only question marks
        return out

    def documents(self) -> dict[str, tuple[str, str, dict[str, Any], int]]:
        """Title, hash, metadata and number of passages of every document by id."""
        count = "(SELECT count(*) FROM passages p WHERE p.document = d.id)"
        query = f"SELECT d.id, d.title, d.hash, d.metadata, {count} FROM documents d ORDER BY d.id"  # noqa: S608  # our own words
        with self._lock:
            return {i: (title, digest, json.loads(meta), int(many)) for i, title, digest, meta, many in self._db.execute(query)}

    def document(self, key: str) -> SourceDocument | None:
        """A whole document."""
        with self._lock:
            row = self._db.execute("SELECT id, title, text, metadata FROM documents WHERE id = ?", (key,)).fetchone()
        return None if row is None else SourceDocument(id=row[0], title=row[1], text=row[2], metadata=json.loads(row[3]))

    def next_row(self) -> int:
        """The number the next passage will get, at the least."""
        with self._lock:
            row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        return int(row[0]) + 1 if row else 1

    # -- writing ---------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; only one process writes at a time."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                if self._journal is not None and self._unwritten:
                    self._journal.append(self._unwritten)
            except BaseException:
                self._db.rollback()
                raise
            finally:
                self._unwritten = []
            self._db.commit()

    def put(self, passages: Sequence[Stored], document: SourceDocument | None = None) -> None:
        """Add passages, in place of those with the same ids; with ``document``, in place of all it had."""
        with self.writing():
            _put(self._db, passages, document)
            if self._journal is not None:
                self._unwritten.append(_put_line(passages, document))

    def delete(self, ids: Sequence[str]) -> int:
        """Remove passages, and documents with all their passages, by id; says how many passages went."""
        with self.writing():
            gone = _delete(self._db, ids)
            if self._journal is not None:
                self._unwritten.append({"delete": list(ids)})
        return gone


def _put(db: sqlite3.Connection, passages: Sequence[Stored], document: SourceDocument | None) -> None:
    if document is not None:
        db.execute("DELETE FROM passages WHERE document = ?", (document.id,))
        row = (document.id, document.title, document.text, dumps(document.metadata), document.hash)
        db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)", row)
    db.executemany("DELETE FROM passages WHERE id = ?", [(p.id,) for p in passages])
    db.executemany(
        f"INSERT INTO passages ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)",  # noqa: S608  # our own words
        [(p.id, p.document, p.place, p.title, dumps(p.section), p.text, p.start, p.end, dumps(p.metadata), p.keys) for p in passages],
    )


def _delete(db: sqlite3.Connection, ids: Sequence[str]) -> int:
    before = db.total_changes
    for key in ids:
        db.execute("DELETE FROM passages WHERE id = ? OR document = ?", (key, key))
    gone = db.total_changes - before
    db.executemany("DELETE FROM documents WHERE id = ?", [(key,) for key in ids])
    db.execute("DELETE FROM documents WHERE id NOT IN (SELECT document FROM passages)")
    return gone


def _put_line(passages: Sequence[Stored], document: SourceDocument | None) -> Line:
    """An entry that says what was put; what passages share with their document is said once."""
    whole = None if document is None else {"id": document.id, "title": document.title, "text": document.text, "metadata": document.metadata}
    parts = []
    for p in passages:
        own = {"id": p.id, "document": p.document, "place": p.place, "title": p.title, "section": p.section, "start": p.start, "end": p.end}
        own["keys"] = p.keys.hex()
        if document is None or document.text[p.start : p.end] != p.text:
            own["text"] = p.text
        if document is None or document.metadata != p.metadata:
            own["metadata"] = p.metadata
        parts.append(own)
    return {"put": parts, "document": whole}


def _replay(db: sqlite3.Connection, line: Line) -> None:
    """Do again what an entry says; one that says something else is passed over."""
    if "base" in line:
        db.execute("INSERT OR REPLACE INTO about VALUES ('base', ?)", (str(line["base"]),))
    if "delete" in line:
        _delete(db, [str(key) for key in line["delete"]])
    if "put" in line:
        whole = line.get("document")
        document = SourceDocument(**whole) if whole else None
        _put(db, [_read_back(own, document) for own in line["put"]], document)


def _read_back(own: Mapping[str, Any], document: SourceDocument | None) -> Stored:
    text = own["text"] if "text" in own or document is None else document.text[own["start"] : own["end"]]
    metadata = own["metadata"] if "metadata" in own or document is None else document.metadata
    rest = {name: own[name] for name in ("id", "document", "place", "title", "start", "end")}
    return Stored(**rest, section=tuple(own["section"]), keys=bytes.fromhex(own["keys"]), text=text, metadata=metadata)


def _counts(db: sqlite3.Connection) -> tuple[int, int]:
    documents, passages = (int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in ("documents", "passages"))  # noqa: S608  # our own two names
    return documents, passages


def dumps(value: Any) -> str:
    """Compact JSON with sorted keys, so that equal values are equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _stored(row: tuple[Any, ...]) -> Stored:
    number, key, document, place, title, section, text, first, last, metadata, keys = row
    return Stored(
        row=number,
        id=key,
        document=document,
        place=place,
        title=title,
        section=tuple(json.loads(section)),
        text=text,
        start=first,
        end=last,
        metadata=json.loads(metadata),
        keys=keys,
    )


def _connect(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", check_same_thread=False, timeout=30, isolation_level=None)
    try:
        if path is not None:
            write_ahead(db)
        db.executescript(_SCHEMA)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _salvage(damaged: Path, fresh: sqlite3.Connection) -> tuple[int, int]:
    """Copy every row that can still be read; a table ends where reading fails."""
    counts = []
    for table in ("documents", "passages"):
        copied = 0
        with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(damaged, timeout=30)) as old:
            for row in old.execute(f"SELECT * FROM {table}"):  # noqa: S608  # our own two names
                fresh.execute(f"INSERT OR IGNORE INTO {table} VALUES ({','.join('?' * len(row))})", row)  # noqa: S608
                copied += 1
        counts.append(copied)
    return counts[0], counts[1]
