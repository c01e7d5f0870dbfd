"""Commands over the services: what is retrieved, known, said, counted and remembered."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import UnknownName, UsageError
from ..values import AgentType, Block, Code, Document, Grid, Passage, Progress, Text, View, plain, plural
from ._commands import Command
from ._parse import Invocation

if TYPE_CHECKING:
    from ..services.rag import KnowledgeBase, RAGSystem
    from ._session import Session

Options = dict[str, Any]
_BEYOND = 4


def rag(session: Session, command: Command, call: Invocation, options: Options) -> Any:
    """Ask the knowledge base and show what was retrieved, how it was ranked, and what was near the cut-off."""
    from IPython.core.display_functions import display

    from ..services.rag import MODES, filter_of, inspection
    from ..widgets import Inspector

    query = (call.body or call.argument).strip().strip("\"'")
    if not query:
        raise UsageError("rag needs a question.", hint='For example: %governance rag "how long may we keep CVs?"')
    k, mode = int(options.get("k", 5)), str(options.get("mode", "hybrid"))
    base = _system(session).base
    chosen = _filters(base, options)
    as_of = str(options["as_of"]) if options.get("as_of") else None

    def look(text: str, count: int, how: str, filters: dict[str, Any]) -> tuple[Document, list[Passage]]:
        where = filter_of(filters.get("agent"), {key: value for key, value in filters.items() if key != "agent"})
        ways = sorted({how, *base.modes()}, key=MODES.index)
        hits = {m: base.search(text, count + _BEYOND, cast(Any, m), where, as_of=as_of) for m in ways}
        shown = filters | ({"as_of": as_of} if as_of else {})
        return inspection(text, hits, mode=how, k=count, where=shown, status=base.status()), hits[how][:count]

    document, passages = look(query, k, mode, chosen)
    page = View(document, {"query": query, "mode": mode, "passages": [plain(p) for p in passages]})
    if not options.get("widget"):
        return page
    inspector = Inspector(
        query,
        lambda text, count, how, agent: look(text, count, how, {**chosen, "agent": agent} if agent else chosen),
        base.around,
        agents=[a.value for a in AgentType],
    )
    inspector.k, inspector.mode = k, mode
    display(page)
    display(inspector.widget())
    return inspector


def _filters(base: KnowledgeBase, options: Options) -> dict[str, Any]:
    """What the options limit the search to; a value that no document has is an error that names those there are."""
    chosen: dict[str, Any] = {"agent": options["agent"]} if options.get("agent") else {}
    documents = base.documents()
    for name in ("jurisdiction", "kind", "source"):
        if options.get(name):
            known = {value for about in documents.values() for value in _values(about.get(name))}
            wanted = [_known(name, word.strip(), known) for word in str(options[name]).split(",") if word.strip()]
            chosen[name] = wanted[0] if len(wanted) == 1 else wanted
    return chosen


def _values(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)] if value else []


def _known(name: str, word: str, known: set[str]) -> str:
    found = {value.casefold(): value for value in known}.get(word.casefold())
    if found is None:
        raise UnknownName(name, word, known=known)
    return found


def _system(session: Session) -> RAGSystem:
    current = session.runtime
    return current.wait(current.rag())


def knowledge(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """What is in the knowledge base: status, list, add PATH, remove SOURCE."""
    verb, _, rest = call.argument.partition(" ")
    doing = {"": _status, "status": _status, "list": _list, "add": _add, "remove": _remove}.get(verb)
    if doing is None:
        raise UnknownName("knowledge command", verb, known=("status", "list", "add", "remove"))
    return doing(session, rest.strip().strip("\"'"), options)


def _status(session: Session, rest: str, options: Options) -> View:
    status = _system(session).base.status()
    rows = tuple(
        (key.replace("_", " "), Code(", ".join(map(str, v)) if isinstance(v, (list, tuple)) else str(v))) for key, v in status.items()
    )
    return View(Document("Knowledge base", (Grid("Status", ("what", "value"), rows),)), status)


def _list(session: Session, rest: str, options: Options) -> View:
    documents = _system(session).base.documents()
    rows = tuple(
        (
            Code(source),
            str(about.get("title", "")),
            str(about.get("agent", "")),
            ", ".join(_values(about.get("jurisdiction"))),
            str(about.get("file") or about.get("origin", "")),
            int(about.get("passages", 0)),
        )
        for source, about in sorted(documents.items())
    )
    grid = Grid(plural(len(rows), "document"), ("source", "title", "agent", "jurisdiction", "origin", "passages"), rows)
    return View(Document("Knowledge", (grid,)), {"documents": documents})


def _add(session: Session, rest: str, options: Options) -> View:
    if not rest:
        raise UsageError("knowledge add needs a file or folder.", hint="%governance knowledge add docs/policy.pdf --agent compliance")
    current = session.runtime
    metadata = {"agent": AgentType(options["agent"]).value} if options.get("agent") else {}
    progress, events = _reported()
    adding = _system(session).add_files(Path(rest).expanduser(), metadata=metadata, report=progress.step)
    done = current.wait(adding, progress, events, session.ticker)
    blocks: list[Block] = [Text(f"{plural(len(done.documents), 'document')} added, {len(done.unchanged)} unchanged.", tone="strong")]
    if done.documents:
        rows = tuple((Code(name), count) for name, count in done.documents.items())
        blocks.append(Grid("Added", ("source", "passages"), rows))
    if done.skipped:
        blocks.append(Grid("Not read", ("file", "why"), tuple((Code(name), reason) for name, reason in done.skipped.items())))
    if done.notes:
        blocks.append(Grid("To look at", ("source", "what"), tuple((Code(name), "; ".join(said)) for name, said in done.notes.items())))
    plain_data = {"documents": list(done.documents), "skipped": dict(done.skipped), "notes": {k: list(v) for k, v in done.notes.items()}}
    return View(Document("Knowledge added", tuple(blocks)), plain_data)


def _reported() -> tuple[Progress, queue.SimpleQueue[Any]]:
    """Progress that an interrupt stops, and the events it leaves for this thread to show."""
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()
    return Progress(lambda label, done: events.put((label, done))), events


def _remove(session: Session, rest: str, options: Options) -> View:
    if not rest:
        raise UsageError("knowledge remove needs a source.", hint="%governance knowledge list shows them.")
    current = session.runtime
    count = current.wait(_system(session).remove_knowledge(rest))
    return View(Document("Knowledge removed", (Text(f"{rest}: {plural(count, 'passage')} removed.", tone="strong"),)), {"removed": count})


def history(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """Quality and findings of a table over time, from all kernels of this user."""
    from ..infrastructure import history_document

    name = call.argument.strip().strip("\"'")
    kept = session.runtime.recorder.history
    if not name:
        names = kept.datasets()
        rows = tuple((Code(n),) for n in names)
        return View(Document("History", (Grid("Tables with a history", ("name",), rows),)), {"datasets": list(names)})
    runs = kept.runs(name)
    return View(history_document(runs, name), {"runs": [plain(r) for r in runs]})


def audit_log(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """The hash-chained log of who ran what on which table, and whether it is whole."""
    from ..infrastructure import audit_document

    log = session.runtime.recorder.audit
    verdict, records = log.verify(), log.records()
    document = audit_document(records)
    return View(
        Document(document.title, (*verdict.document().blocks, *document.blocks), document.footer),
        {"ok": verdict.ok, "records": verdict.records},
    )
