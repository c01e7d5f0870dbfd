"""The retrieval system of the agents: the shipped knowledge, what the user added, and one way to ask."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ...errors import KnowledgeError, NotAvailable, UnknownName
from ...infrastructure import Settings, home, resolve
from ...values import AgentType, Passage, plural
from ._knowledge_base import Ingested, KnowledgeBase, Mode
from ._protocols import Report

_log = logging.getLogger("edgp_magics.knowledge")
PREBUILT = "vectors.npz"
"""Vectors of the shipped knowledge, beside it."""
_SHIPPED, _FOLDER, _ADDED = "shipped", "folder", "added"


def shipped_knowledge() -> Path:
    """The folder of the knowledge that comes with the package (in a checkout, the one at its top)."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "knowledge"
    return inside if inside.is_dir() else package.parent / "knowledge"


class RAGSystem:
    """Context-aware retrieval over a knowledge base.

    >>> import asyncio
    >>> system = RAGSystem(KnowledgeBase(encoder=None))
    >>> _ = asyncio.run(system.add_knowledge("Log files are kept for ninety days.", {"source": "logs.md", "agent": "compliance"}))
    >>> [hit.source for hit in asyncio.run(system.retrieve_context("How long are logs kept?"))]
    ['logs.md']
    """

    def __init__(self, base: KnowledgeBase) -> None:
        self.base = base

    @classmethod
    def open(cls, settings: Settings | None = None, *, report: Report | None = None) -> RAGSystem:
        """The system of this user: shipped knowledge brought up to date, with what was added before."""
        chosen = settings if settings is not None else resolve()
        shipped = shipped_knowledge()
        base = KnowledgeBase(
            _own_folder(),
            store=chosen["store"],
            store_url=chosen["store_url"],
            model=chosen["embedding_path"],
            offline=chosen["offline"],
            prebuilt=shipped / PREBUILT,
        )
        system = cls(base)
        system.sync_folder(shipped, _SHIPPED, report=report)
        if chosen["knowledge_path"]:
            system.sync_folder(Path(chosen["knowledge_path"]).expanduser(), _FOLDER, report=report)
        return system

    def sync_folder(self, folder: Path, origin: str, *, report: Report | None = None) -> Ingested:
        """Bring the documents of a folder up to date: new and changed ones in, vanished ones out.

        A folder that is not there (a drive not mounted, a name mistyped) takes nothing away, and is said.
        """
        held = [key for key, about in self.base.documents().items() if about.get("origin") == origin]
        if not folder.is_dir():
            self.base.notices.append(f"The folder {folder} is not there; {plural(len(held), 'document')} of it are kept as last read.")
            return Ingested(unchanged=tuple(held))
        prefix = "" if origin == _SHIPPED else f"{folder.name}/"
        own = origin != _SHIPPED
        done = self.base.ingest(folder, metadata={"origin": origin}, prefix=prefix, keep_both=own, report=report)
        there = {*done.documents, *done.unchanged, *done.skipped}
        gone = [key for key in held if key not in there]
        if gone:
            self.base.delete(gone)
        return done

    async def add_knowledge(self, content: str, metadata: Mapping[str, Any] | None = None, *, report: Report | None = None) -> list[str]:
        """Add a document (Markdown or plain text); one of the same ``source`` is replaced. Returns the ids of its passages."""
        about = {"origin": _ADDED, **(metadata or {})}
        if "agent_type" in about:
            about["agent"] = str(about.pop("agent_type"))
        source = str(about.get("source") or "note-" + hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=4).hexdigest())
        if self.base.documents().get(source, {}).get("origin") == _SHIPPED and about["origin"] != _SHIPPED:
            raise KnowledgeError(f"`{source}` comes with the package.", hint="Add yours under another source.", source=source)
        return await asyncio.to_thread(self.base.add_document, source, content, about, report=report)

    async def add_files(self, *paths: str | Path, metadata: Mapping[str, Any] | None = None, report: Report | None = None) -> Ingested:
        """Add files and folders; what cannot be read is passed over and said."""
        about = {"origin": _ADDED, **(metadata or {})}
        return await asyncio.to_thread(self.base.ingest, *paths, metadata=about, keep_both=True, report=report)

    async def remove_knowledge(self, source: str) -> int:
        """Remove a document that was added; returns how many passages went. What is read from a folder would only come back."""
        known = self.base.documents()
        if source not in known:
            raise UnknownName("document", source, known=known)
        origin = known[source].get("origin")
        if origin == _SHIPPED:
            raise KnowledgeError(
                f"`{source}` comes with the package and would be back in the next kernel.",
                hint="Leave it out of a search with a filter on source, or add a later version of it: it then ranks first.",
                source=source,
            )
        if origin == _FOLDER:
            raise KnowledgeError(
                f"`{source}` is read from knowledge_path and would be back in the next kernel.", hint="Delete its file.", source=source
            )
        return await asyncio.to_thread(self.base.delete, source)

    async def retrieve_context(
        self,
        query: str,
        k: int = 5,
        *,
        agent: AgentType | str | None = None,
        mode: Mode = "hybrid",
        where: Mapping[str, Any] | None = None,
        as_of: dt.date | str | None = None,
    ) -> list[Passage]:
        """The passages that bear on a query, best first.

        ``agent`` limits to its knowledge and to what belongs to all, ``as_of`` to what holds on that day.
        """
        return await asyncio.to_thread(self.base.search, query, k, mode, filter_of(agent, where), as_of=as_of)

    def standing(self) -> tuple[Literal["ok", "degraded"], str]:
        """In a word how well it can answer (ok or degraded), and why not better."""
        status = self.base.status()
        trouble = [] if status["passages"] else ["it holds nothing"]
        trouble += [f"search is by words only: {status['lexical_only']}"] if status["lexical_only"] else []
        trouble += status["notices"]
        return ("degraded", "; ".join(trouble)) if trouble else ("ok", plural(status["passages"], "passage"))

    async def health_check(self) -> dict[str, Any]:
        """Whether it can answer, with what, and what had to be repaired."""
        status = await asyncio.to_thread(self.base.status)
        works = "empty" if not status["passages"] else ("lexical only" if status["lexical_only"] else "ok")
        return {"status": works, **status}

    def close(self) -> None:
        """Give back files and connections."""
        self.base.close()


def _own_folder() -> Path | None:
    """Where added knowledge and the index are kept; None, said once, where nothing can be written: then they go with the kernel."""
    try:
        return home() / "knowledge"
    except NotAvailable as error:
        _log.warning("Knowledge is kept in memory only: %s", error)
        return None


def filter_of(agent: AgentType | str | None, where: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """A filter for an agent's knowledge: its own and what names no agent.

    >>> filter_of("compliance", {"jurisdiction": "EU"})
    {'jurisdiction': 'EU', '$or': [{'agent': 'compliance'}, {'agent': {'$exists': False}}]}
    """
    own = dict(where or {})
    if agent is None:
        return own or None
    choice = {"$or": [{"agent": AgentType(agent).value}, {"agent": {"$exists": False}}]}
    return {"$and": [own, choice]} if "$or" in own else own | choice


class AgentKnowledgeManager:
    """One agent's knowledge: its folder of files, and what is added for it."""

    FILES = ("best_practices.md", "regulations.md", "procedures.md")
    """Every agent has these; its folder may hold more."""

    def __init__(self, agent_type: AgentType | str, system: RAGSystem | None = None) -> None:
        self.agent_type = AgentType(agent_type)
        self.knowledge_base = f"{self.agent_type.value}_knowledge"
        self._system = system

    async def system(self) -> RAGSystem:
        """The retrieval system, opened when none was given."""
        if self._system is None:
            self._system = await asyncio.to_thread(RAGSystem.open)
        return self._system

    async def initialize_knowledge(self, folder: Path | None = None) -> dict[str, int]:
        """Read the agent's files into the system; returns the number of passages by source."""
        root = folder if folder is not None else shipped_knowledge()
        system = await self.system()
        own = root / self.agent_type.value
        done = await asyncio.to_thread(system.base.ingest, own, root=root, metadata={"origin": _SHIPPED, "agent": self.agent_type.value})
        return {name: about["passages"] for name, about in system.base.documents().items() if name in {*done.documents, *done.unchanged}}

    async def add(self, content: str, metadata: Mapping[str, Any] | None = None) -> list[str]:
        """Add knowledge for this agent."""
        return await (await self.system()).add_knowledge(content, {**(metadata or {}), "agent": self.agent_type.value})

    async def retrieve(self, query: str, k: int = 5, **options: Any) -> list[Passage]:
        """Passages of this agent's knowledge for a query."""
        return await (await self.system()).retrieve_context(query, k, agent=self.agent_type, **options)
