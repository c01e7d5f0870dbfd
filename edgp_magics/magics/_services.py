"""Commands over the services: what is retrieved, known, said, counted and remembered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import UsageError
from ..values import AgentType, Block, Code, Document, Grid, Passage, Text, View, plain, plural
from ._commands import Command
from ._parse import Invocation

if TYPE_CHECKING:
    from ..services.rag import RAGSystem
    from ._session import Session

Options = dict[str, Any]
_MODES = ("hybrid", "dense", "lexical")
_BEYOND = 4


def rag(session: Session, command: Command, call: Invocation, options: Options) -> Any:
    """Ask the knowledge base and show what was retrieved, how it was ranked, and what was near the cut-off."""
    from IPython.core.display_functions import display

    from ..services.rag import inspection
    from ..widgets import Inspector

    query = (call.body or call.argument).strip().strip("\"'")
    if not query:
        raise UsageError("rag needs a question.", hint='For example: %governance rag "how long may we keep CVs?"')
    k, mode = int(options.get("k", 5)), str(options.get("mode", "hybrid"))
    where = {key: options[key] for key in ("agent", "jurisdiction", "kind") if options.get(key)}
    base = _system(session).base

    def look(text: str, count: int, how: str, filters: dict[str, Any]) -> tuple[Document, list[Passage]]:
        hits = {m: base.search(text, count + _BEYOND, cast(Any, m), filters or None) for m in _MODES}
        return inspection(text, hits, mode=how, k=count, where=filters, status=base.status()), hits[how][:count]

    document, passages = look(query, k, mode, where)
    page = View(document, {"query": query, "mode": mode, "passages": [plain(p) for p in passages]})
    if not options.get("widget"):
        return page
    inspector = Inspector(
        query,
        lambda text, count, how, agent: look(text, count, how, {**where, "agent": agent} if agent else where),
        base.around,
        agents=[a.value for a in AgentType],
    )
    inspector.k, inspector.mode = k, mode
    display(page)
    display(inspector.widget())
    return inspector


def _system(session: Session) -> RAGSystem:
    current = session.runtime
    return current.wait(current.rag())


def knowledge(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """What is in the knowledge base: status, list, add PATH, remove SOURCE."""
    verb, _, rest = call.argument.partition(" ")
    doing = {"": _status, "status": _status, "list": _list, "add": _add, "remove": _remove}.get(verb)
    if doing is None:
        from ..errors import UnknownName

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
            str(about.get("jurisdiction", "")),
            str(about.get("origin", "")),
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
    done = current.wait(_added(_system(session), Path(rest).expanduser(), metadata))
    blocks: list[Block] = [Text(f"{plural(len(done.documents), 'document')} added, {len(done.unchanged)} unchanged.", tone="strong")]
    if done.skipped:
        rows = tuple((Code(name), reason) for name, reason in done.skipped.items())
        blocks.append(Grid("Not read", ("file", "why"), rows))
    return View(Document("Knowledge added", tuple(blocks)), {"documents": list(done.documents), "skipped": dict(done.skipped)})


async def _added(system: RAGSystem, path: Path, metadata: dict[str, Any]) -> Any:
    return await system.add_files(path, metadata=metadata)


def _remove(session: Session, rest: str, options: Options) -> View:
    if not rest:
        raise UsageError("knowledge remove needs a source.", hint="%governance knowledge list shows them.")
    current = session.runtime
    count = current.wait(_system(session).remove_knowledge(rest))
    return View(Document("Knowledge removed", (Text(f"{rest}: {plural(count, 'passage')} removed.", tone="strong"),)), {"removed": count})


def messages(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """What the agents said to each other, as a sequence chart."""
    from ..services.bus import sequence_chart

    entries = session.runtime.bus.conversation()
    return View(sequence_chart(entries), {"events": len(entries)})


def monitor(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """Runs, messages, retrievals and their times in this kernel."""
    telemetry = session.runtime.recorder.telemetry
    return View(telemetry.document(), dict(telemetry.snapshot()))


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
