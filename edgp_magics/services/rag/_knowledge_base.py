"""A knowledge base: texts and documents in, ranked passages out."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from ...errors import BadOption, KnowledgeError
from ...values import Passage
from ._chunk import chunks
from ._evaluate import Evaluation, evaluate
from ._fuse import Scored, fused, in_context, ranked
from ._index import Index, lead
from ._meaning import Meaning
from ._parsed import Parsed
from ._protocols import Encoder, Report, Reranker, VectorStore
from ._repeats import Kept
from ._sources import SourceDocument, Sources, Stored
from ._validity import day_of
from ._vectors import key_of
from ._windows import windows_of
from ._words import matches, terms
from .parsers import FORMATS, parse_bytes, parse_file
from .stores._memory import top

Mode = Literal["hybrid", "dense", "lexical"]
MODES: tuple[Mode, ...] = ("hybrid", "dense", "lexical")
_DEPTH = 100
"""How many candidates each side brings at least."""
_ANSWERS = 64
"""So many answers are kept for the next time."""
_PAST = 0.25
"""What is left of the score of a passage that does not hold on the day: what does comes first."""
_FOUND = ("source", "doc", "document", "url", "path")
"""Metadata that name where an added text is from, first wins."""


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What became of documents: how many passages each gave, which were unchanged, which could not be read and why."""

    documents: Mapping[str, int] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class KnowledgeBase:
    """Texts and documents, searched by words, by meaning, or both.

    >>> kb = KnowledgeBase(encoder=None)
    >>> kb.add(["Personal data are erased after two years.", "Cards are masked."], ids=["keep", "mask"])
    ['keep', 'mask']
    >>> [hit.id for hit in kb.search("When do we erase data?", k=1)]
    ['keep']

    Parameters
    ----------
    path
        folder to keep it in; None keeps everything in memory.
    encoder
        "auto" finds the model; None searches by words only; or any :class:`Encoder`.
    store
        where vectors live: "memory" (searched exactly, filled from the cache of vectors), "chroma", "faiss", a
        :class:`VectorStore`, or "auto": memory, and Chroma for a kept base that has outgrown it.
    store_url
        address of a Chroma server.
    model, offline
        folder or name of another sentence-transformers model (all-MiniLM-L6-v2 by default); never ask the hub.
    reranker
        scores the best hits anew: any function of query and passages.
    prebuilt
        vectors shipped with the texts.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        encoder: Encoder | Literal["auto"] | None = "auto",
        store: str | VectorStore = "auto",
        store_url: str | None = None,
        model: str | Path | None = None,
        offline: bool = False,
        reranker: Reranker | None = None,
        prebuilt: Path | None = None,
    ) -> None:
        self.path = Path(path).expanduser() if path is not None else None
        self._lock = threading.RLock()
        self._sources = Sources(self.path / "sources.sqlite" if self.path else None)
        self._index = Index()
        self._seen: tuple[int, int] | None = None
        self._answers: dict[tuple[object, ...], list[Passage]] = {}
        """What was found for the last questions, until something changes: capabilities ask the same ones again and again."""
        self._reranker = reranker
        self.notices: list[str] = []
        self._meaning = Meaning(
            self._sources,
            folder=self.path,
            encoder=encoder,
            store=store,
            store_url=store_url,
            model=model,
            offline=offline,
            prebuilt=prebuilt,
        )

    def __len__(self) -> int:
        with self._lock:
            self._refresh()
            return len(self._index)

    def __repr__(self) -> str:
        return f"KnowledgeBase({str(self.path) if self.path else 'in memory'}: {len(self):,} passages)"

    # -- putting in ------------------------------------------------------------------------------------------
    def add(
        self,
        texts: str | Sequence[str],
        ids: Sequence[str] | None = None,
        metadata: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
        *,
        report: Report | None = None,
    ) -> list[str]:
        """Add passages as they are, in place of those with the same ids; returns the ids.

        Texts that follow each other and carry the same metadata are taken as consecutive passages of one document.
        """
        given = [texts] if isinstance(texts, str) else list(texts)
        names = [_name(t) for t in given] if ids is None else [str(i) for i in ids]
        about = [dict(metadata) for _ in given] if isinstance(metadata, Mapping) else [dict(m) for m in metadata or [{}] * len(given)]
        if not len(given) == len(names) == len(about):
            raise BadOption(
                f"{len(given)} texts, {len(names)} ids and {len(about)} metadata do not belong together.", hint="Give as many of each."
            )
        base = self._sources.next_row()
        documents = _runs(about, base)
        stored = [
            _with_keys(
                Stored(
                    id=names[i],
                    document=documents[i],
                    place=base + i,
                    text=_clean(given[i]),
                    title=str(about[i].get("title", "")),
                    section=_path(about[i].get("section")),
                    end=len(given[i]),
                    metadata=about[i],
                )
            )
            for i in range(len(given))
        ]
        last = {p.id: p for p in stored}  # of one id given twice the later counts
        self._keep(list(last.values()), None, report)
        return list(last)

    def add_document(
        self, source: str, content: str | bytes | Parsed, metadata: Mapping[str, Any] | None = None, *, report: Report | None = None
    ) -> list[str]:
        """Add a document cut into passages, in place of an earlier one of this source; returns the ids of the passages."""
        parsed = content if isinstance(content, Parsed) else _parsed(source, content)
        text = _clean(parsed.text)
        about = _about(source, parsed, metadata)
        document = SourceDocument(id=source, title=parsed.title, text=text, metadata=about)
        stored = [
            _with_keys(
                Stored(
                    id=f"{source}#{i}",
                    document=source,
                    place=i,
                    text=text[c.start : c.end],
                    title=parsed.title,
                    section=c.section,
                    start=c.start,
                    end=c.end,
                    metadata=about,
                )
            )
            for i, c in enumerate(chunks(parsed), start=1)
        ]
        self._keep(stored, document, report)
        return [p.id for p in stored]

    def ingest(
        self,
        *paths: str | Path,
        root: str | Path | None = None,
        prefix: str = "",
        metadata: Mapping[str, Any] | None = None,
        keep_both: bool = False,
        report: Report | None = None,
    ) -> Ingested:
        """Read files, and folders with all files of a known kind in them.

        A document is named by its path below ``root`` (by default the folder given, or the folder of the file), after
        ``prefix``. What has not changed is left as it is; what cannot be read is passed over and said. ``keep_both``
        never replaces a document that came from another file: the new one gets more of its path as a name.
        """
        documents = self._sources.documents()
        known = {key: digest for key, (_, digest, _, _) in documents.items()}
        owners = {key: str(about.get("file", "")) for key, (_, _, about, _) in documents.items()}
        done: dict[str, int] = {}
        notes: dict[str, tuple[str, ...]] = {}
        skipped: dict[str, str] = {}
        unchanged: list[str] = []
        for name, file in _files(paths, root, skipped):
            source, about = prefix + name, metadata
            if keep_both:
                about = {**(metadata or {}), "file": _place_of(file)}
                source = _free_name(source, about["file"], owners)
                owners[source] = about["file"]
            try:
                parsed = parse_file(file)
                if report is not None:
                    report(f"reading {source}", None)
                renamed = (f"`{prefix + name}` is another document; both are kept.",) if source != prefix + name else ()
                if renamed or parsed.notes:
                    notes[source] = (*renamed, *parsed.notes)
                if _digest(source, parsed, about) == known.get(source):
                    unchanged.append(source)
                    continue
                done[source] = len(self.add_document(source, parsed, about, report=report))
            except KnowledgeError as error:
                skipped[source] = str(error)
        return Ingested(documents=done, unchanged=tuple(unchanged), skipped=skipped, notes=notes)

    def _keep(self, passages: list[Stored], document: SourceDocument | None, report: Report | None) -> None:
        """Embed first, then write all at once: stopped in between, nothing is half there and the vectors are kept."""
        self._meaning.embed(passages, report)  # not under the lock: searches go on meanwhile
        with self._lock:
            self._sources.put(passages, document)

    def delete(self, ids: str | Iterable[str]) -> int:
        """Remove passages, or whole documents, by id; returns how many passages went."""
        with self._lock:
            return self._sources.delete([ids] if isinstance(ids, str) else list(ids))

    # -- looking up ------------------------------------------------------------------------------------------
    def documents(self) -> dict[str, dict[str, Any]]:
        """Title, metadata and number of passages of every document."""
        return {key: {"title": title, "passages": count, **about} for key, (title, _, about, count) in self._sources.documents().items()}

    def source_text(self, document: str) -> str | None:
        """The whole text of a document: passages are slices of it."""
        found = self._sources.document(document)
        return None if found is None else found.text

    def get(self, ids: str | Iterable[str]) -> list[Passage]:
        """Passages by id, in this order; ids that are not there are left out."""
        wanted = [ids] if isinstance(ids, str) else list(ids)
        rows = self._sources.find(wanted)
        stored = self._sources.passages(list(rows.values()))
        return [_passage(stored[rows[i]], score=0.0) for i in wanted if i in rows]

    def around(self, passage_id: str, reach: int = 1) -> list[Passage]:
        """A passage with its neighbours in the document."""
        rows = self._sources.find([passage_id])
        if passage_id not in rows:
            return []
        here = self._sources.passages([rows[passage_id]])[rows[passage_id]]
        return [_passage(p, score=0.0) for p in self._sources.around(here.document, here.place, reach)]

    # -- searching -------------------------------------------------------------------------------------------
    def modes(self) -> tuple[Mode, ...]:
        """The modes that work here: without a sentence model only words."""
        with self._lock:
            return MODES if self._meaning.encoder() is not None else ("lexical",)

    def search(
        self,
        query: str,
        k: int = 10,
        mode: Mode = "hybrid",
        where: Mapping[str, Any] | None = None,
        *,
        distinct: bool = True,
        as_of: dt.date | str | None = None,
    ) -> list[Passage]:
        """The ``k`` best passages.

        ``where`` filters on metadata: ``{"jurisdiction": "EU"}``, ``{"agent": ["compliance", "remediation"]}``,
        ``{"valid_from": {"$lte": "2026-01-01"}}``. ``distinct`` leaves out passages that repeat a better one, or nearly so.
        ``as_of`` leaves out what does not hold on that day; without it, what does not hold today comes later and is marked.
        """
        _check_search(query, k, mode, where)
        day = day_of(as_of)
        with self._lock:
            self._refresh()
            if not query.strip() or not len(self._index):
                return []
            by_meaning = mode != "lexical" and self._meaning.encoder() is not None
            if mode == "dense" and not by_meaning:
                raise KnowledgeError(f"no search by meaning: {self._meaning.why_not}", hint="Use mode lexical.")
            asked = _Asked(query, max(_DEPTH, 4 * k), mode, where or {}, day if as_of is not None else "")
            key = (query, k, mode, repr(where), distinct, day, as_of is not None, by_meaning)
            found = self._answers.get(key) if self._reranker is None else None
            if found is None:
                found = self._find(asked, k, distinct, day, by_meaning)
                if len(self._answers) >= _ANSWERS:
                    self._answers.pop(next(iter(self._answers)))
                self._answers[key] = found
            return list(found)

    def _find(self, asked: _Asked, k: int, distinct: bool, day: str, by_meaning: bool) -> list[Passage]:
        """Search anew; a damaged store is built again, and without an encoder that failed words are all there is."""
        try:
            scored = self._scored(asked, by_meaning)
        except KnowledgeError as error:
            if error.values.get("damaged"):
                self._meaning.start_over(self._index)
            elif asked.mode == "dense" or not self._meaning.lost(error):
                raise
            scored = self._scored(asked, by_meaning and self._meaning.encoder() is not None)
        past = self._index.past(day)
        if past:
            scored = sorted((s._replace(score=_PAST * s.score) if s.position in past else s for s in scored), key=lambda s: -s.score)
        return self._hits(asked.query, scored, k, distinct, past)

    def _scored(self, asked: _Asked, by_meaning: bool) -> list[Scored]:
        """Positions with their scores, best first."""
        if by_meaning:
            self._sync()  # first, for it may take over changes
        index, meaning = self._index, self._meaning
        query, depth, mode, where, day = asked
        mask, within = index.allowed(where, day) if where or day else (None, None)
        near = meaning.nearest(query, depth, within, index) if by_meaning else {}
        if mode == "dense":
            return ranked(list(near), np.asarray(list(near.values()), np.float32), {}, near)
        words = index.lexical.scores(query)
        if mask is not None:
            words = np.where(mask, words, np.float32(0))
        has_words = np.flatnonzero(words)
        positions = sorted({*has_words[top(words[has_words], depth)].tolist(), *near})
        lexical = words[positions] + index.lexical.together(query, positions)
        by_word = dict(zip(positions, lexical.tolist(), strict=True))
        if not by_meaning or not positions:
            return ranked(positions, lexical, by_word, {})
        cosine, like = meaning.among(query, positions, near, index)
        scores = fused(lexical, np.asarray([like[p] for p in positions], np.float32))
        scores = in_context(positions, scores, index.beside, lambda p: index.entries[p].document)
        return ranked(positions, scores, by_word, cosine)

    def _hits(self, query: str, scored: list[Scored], k: int, distinct: bool, past: Mapping[int, str]) -> list[Passage]:
        """Whole passages for the best positions."""
        wanted = terms(query)
        hits: list[Passage] = []
        kept = Kept()
        depth = k if self._reranker is None else max(k, 30)
        for start in range(0, len(scored), depth):
            part = scored[start : start + depth]
            stored = self._sources.passages([self._index.entries[p].row for p, *_ in part])
            for position, score, lexical, dense in part:
                passage = stored.get(self._index.entries[position].row)
                if passage is None:  # another process removed it a moment ago
                    continue
                if distinct and kept.repeats(passage.text, lead(passage.title, passage.section)):
                    continue
                hit = _passage(passage, score=score, lexical=lexical, dense=dense, wanted=wanted)
                hits.append(replace(hit, metadata={**hit.metadata, "not_in_force": past[position]}) if position in past else hit)
            if len(hits) >= depth:
                break
        return (hits if self._reranker is None else _reranked(query, hits[:depth], self._reranker))[:k]

    # -- keeping up ------------------------------------------------------------------------------------------
    def _refresh(self) -> None:
        """Take over what this or another process wrote."""
        import sqlite3

        try:
            version = self._sources.version()
            if version != self._seen:
                self._index.refresh(self._sources)
                self._seen = version
                self._answers.clear()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._sources.repair()
            self._index = Index()
            self._seen = None
            self._answers.clear()
            self._meaning.forget()
            self._refresh()

    def _sync(self) -> None:
        """Bring the vector store up to the sources when they have changed."""
        if self._meaning.stale(self._seen):
            with self._sources.writing():  # one process at a time, each looking at the sources as they now are
                self._refresh()
                self._meaning.sync(self._index, self._seen)

    # -- about -----------------------------------------------------------------------------------------------
    def status(self) -> dict[str, Any]:
        """What is in it, how it searches, what had to be repaired."""
        with self._lock:
            self._refresh()
            return {
                "path": str(self.path) if self.path else None,
                "documents": len({e.document for e in self._index.entries}),
                "passages": len(self._index),
                **self._meaning.status(),
                "notices": (*self._sources.notices, *self._meaning.notices, *self.notices),
            }

    def evaluate(self, questions: Iterable[Mapping[str, Any]], k: int = 10, modes: Sequence[Mode] | None = None) -> Evaluation:
        """How well questions find the passages they should, in every mode that works here: see :class:`Evaluation`."""
        chosen = tuple(modes) if modes is not None else self.modes()
        left_out = () if modes is not None else tuple(m for m in MODES if m not in chosen)
        notes = (f"Not measured: {', '.join(left_out)}; {self._meaning.why_not}",) if left_out else ()
        with self._lock:
            self._refresh()
            known = self._index.names()
        return evaluate(self.search, questions, k=k, modes=chosen, known=known, notes=notes)

    def close(self) -> None:
        """Give back files and connections."""
        with self._lock:
            self._meaning.close()
            self._sources.close()


class _Asked(NamedTuple):
    """A search as the ranking takes it; ``day`` is empty where any will do."""

    query: str
    depth: int
    mode: Mode
    where: Mapping[str, Any]
    day: str


def _check_search(query: object, k: object, mode: object, where: object) -> None:
    if not isinstance(query, str):
        raise BadOption(f"a question is text, not {type(query).__name__}.", hint='For example: search("how long are logs kept?").')
    if mode not in MODES:
        raise BadOption(f"`{mode}` is no mode of search.", hint=f"Use {', '.join(MODES)}.", option="mode")
    if not isinstance(k, (int, np.integer)) or isinstance(k, bool) or k < 1:
        raise BadOption(f"k cannot be {k!r}.", hint="It is a whole number, at least 1.", option="k")
    if where is not None and not isinstance(where, Mapping):
        raise BadOption(f"a filter is a mapping, not {type(where).__name__}.", hint='For example {"jurisdiction": "EU"}.', option="where")


def _reranked(query: str, hits: list[Passage], reranker: Reranker) -> list[Passage]:
    scores = reranker(query, hits)
    if len(scores) != len(hits):
        raise KnowledgeError(f"the reranker gave {len(scores)} scores for {len(hits)} passages.", hint="It returns one a passage.")
    order = sorted(range(len(hits)), key=lambda i: -float(scores[i]))
    return [replace(hits[i], score=float(scores[i])) for i in order]


def _passage(
    stored: Stored, *, score: float, lexical: float | None = None, dense: float | None = None, wanted: Sequence[str] = ()
) -> Passage:
    source = next((str(stored.metadata[name]) for name in _FOUND if stored.metadata.get(name)), stored.id)
    found = {stored.text[a:b].lower(): None for a, b in matches(stored.text, wanted)} if wanted else {}
    return Passage(
        id=stored.id,
        text=stored.text,
        source=source,
        score=round(score, 6),
        title=stored.title,
        section=stored.section,
        start=stored.start,
        end=stored.end,
        lexical=None if lexical is None else round(lexical, 6),
        dense=None if dense is None else round(dense, 6),
        matched=tuple(found),
        metadata=stored.metadata,
    )


def _with_keys(passage: Stored) -> Stored:
    return replace(passage, keys=b"".join(key_of(text) for text in windows_of(passage)))


def _runs(about: Sequence[Mapping[str, Any]], base: int) -> list[str]:
    """The name of the document each text belongs to: a run of texts with the same metadata is one."""
    names: list[str] = []
    for i, this in enumerate(about):
        same = i > 0 and bool(this) and this == about[i - 1]
        names.append(names[-1] if same else f"added-{base + i}")
    return names


def _files(paths: Iterable[str | Path], root: str | Path | None, skipped: dict[str, str]) -> Iterable[tuple[str, Path]]:
    """Source name and path of every file asked for; a link out of its folder is not followed."""
    for given in paths:
        path = Path(given).expanduser()
        if path.is_dir():
            top_folder = Path(root).expanduser() if root is not None else path
            for file in sorted(p for p in path.rglob("*") if p.suffix.lower() in FORMATS):
                name = _below(file, top_folder)
                if not file.resolve().is_relative_to(path.resolve()):
                    skipped[name] = "it leads out of the folder."
                elif file.is_file():
                    yield name, file
        elif path.is_file():
            yield _below(path, Path(root).expanduser() if root is not None else path.parent), path
        else:
            skipped[str(given)] = "no such file."


def _place_of(file: Path) -> str:
    """Where a file is, the home folder as ``~``."""
    path = file.resolve()
    return f"~/{path.relative_to(Path.home()).as_posix()}" if path.is_relative_to(Path.home()) else path.as_posix()


def _free_name(source: str, file: str, owners: Mapping[str, str]) -> str:
    """The name a file's document has or gets: as asked, or with as much of its path as sets it apart from other documents."""
    mine = [name for name, owner in owners.items() if owner == file]
    if mine:
        return mine[0]
    parts = file.split("/")
    names = (source, *("/".join(parts[-n:]) for n in range(2, len(parts) + 1)))
    return next((name for name in names if name not in owners), file)


def _below(file: Path, root: Path) -> str:
    try:
        return file.relative_to(root).as_posix()
    except ValueError:
        return file.name


def _digest(source: str, parsed: Parsed, metadata: Mapping[str, Any] | None) -> str:
    about = _about(source, parsed, metadata)
    return SourceDocument(id=source, title=parsed.title, text=_clean(parsed.text), metadata=about).hash


def _about(source: str, parsed: Parsed, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is known of a document: what it says itself, what was given. What it names as its source is its ``reference``."""
    about = {**parsed.metadata, **(metadata or {})}
    said = parsed.metadata.get("source")
    if said and said != source:
        about.setdefault("reference", said)
    return {**about, "source": source}


def _parsed(source: str, content: str | bytes) -> Parsed:
    name = source if Path(source).suffix.lower() in FORMATS else f"{source}.md"
    return parse_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"), name)


def _clean(text: str) -> str:
    """Text that can be stored: half a surrogate pair cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _name(text: str) -> str:
    return "p-" + key_of(text).hex()[:12]


def _path(section: Any) -> tuple[str, ...]:
    if section is None or section == "":
        return ()
    return tuple(map(str, section)) if isinstance(section, (list, tuple)) else (str(section),)
