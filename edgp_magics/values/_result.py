"""The answer of a capability: an object first, a picture second."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ..errors import BadOption, DataNotFound, UnknownName, UnsupportedData, UsageError
from ._document import Block, Code, Document, Facts, Fold, Grid, Items, Text, percent
from ._domain import AgentCapability, Severity, Status
from ._finding import Finding
from ._plain import plain, restore
from ._request import DatasetRef, Heard, Narrative, Passage, Run
from ._table import Table

if TYPE_CHECKING:
    import pandas as pd

FINDINGS_SHOWN = 12


@dataclass(frozen=True, kw_only=True, repr=False)
class Result:
    """What one capability found on one dataset.

    Everything that is shown is here as a value, too: :meth:`to_dict`, :meth:`to_frame`, :meth:`to_markdown`,
    :meth:`to_html`, :meth:`save`; :meth:`explain` answers where a finding comes from. Subclasses add what their
    capability has besides findings and metrics, and draw it in :meth:`body`.
    """

    kinds: ClassVar[dict[str, type[Result]]] = {}

    capability: AgentCapability
    dataset: DatasetRef
    status: Status
    summary: str
    findings: tuple[Finding, ...] = ()
    metrics: Mapping[str, float | int | None] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    context: tuple[Passage, ...] = ()
    narrative: Narrative | None = None
    agent: str = ""
    run: Run | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        Result.kinds[cls.__name__] = cls

    # -- as data ---------------------------------------------------------------------------------------------
    def to_dict(self) -> dict[str, Any]:
        """Plain data; equal for equal input and options but for the ``run`` block. Holds no raw cell values."""
        return {"type": type(self).__name__, **plain(self)}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Result:
        """The result that :meth:`to_dict` wrote."""
        kind = Result.kinds.get(str(data.get("type")), Result)
        result: Result = restore(kind, {k: v for k, v in data.items() if k != "type"})
        return result

    def to_frame(self) -> pd.DataFrame:
        """The findings as a pandas frame, one row each."""
        import pandas as pd

        columns = ["id", "severity", "rule", "columns", "message", "count", "of", "dimension", "clause", "confidence"]
        rows = [[plain(getattr(f, c)) if c != "columns" else ", ".join(f.columns) for c in columns] for f in self.findings]
        return pd.DataFrame(rows, columns=columns)

    def with_run(self, run: Run, *, agent: str) -> Self:
        """The same result, stamped with who ran it and when."""
        return replace(self, run=run, agent=agent)

    # -- as text ---------------------------------------------------------------------------------------------
    def to_markdown(self) -> str:
        """The result as Markdown."""
        from ..display import to_markdown

        return to_markdown(self.document())

    def to_html(self) -> str:
        """The result as an HTML fragment without script or outside links."""
        from ..display import to_html

        return to_html(self.document())

    def save(self, path: str | Path) -> Path:
        """Write the result to ``path``: .json, .html, .md or .txt by its ending; returns the path."""
        from ..display import to_page, to_text

        target = Path(path)
        writers: dict[str, Callable[[], str]] = {
            ".json": lambda: json.dumps(self.to_dict(), indent=1, ensure_ascii=False, sort_keys=True),
            ".html": lambda: to_page(self.document()),
            ".md": self.to_markdown,
            ".txt": lambda: to_text(self.document()),
        }
        write = writers.get(target.suffix.lower())
        if write is None:
            raise BadOption(
                f"cannot save a result as `{target.suffix or target.name}`.",
                hint=f"Use one of {', '.join(writers)}.",
            )
        return write_file(target, write() + "\n")

    @staticmethod
    def load(path: str | Path) -> Result:
        """The result that :meth:`save` wrote as ``.json``."""
        try:
            data = json.loads(Path(path).read_text("utf-8"))
        except FileNotFoundError:
            raise DataNotFound(
                f"no file `{path}`.", hint="Check the path; it is relative to the notebook's folder.", path=str(path)
            ) from None
        except ValueError:
            data = None
        if not isinstance(data, dict) or "type" not in data or "capability" not in data:
            raise UnsupportedData(f"`{Path(path).name}` holds no stored result.", hint="Store one with result.save('name.json').")
        return Result.from_dict(data)

    def __repr__(self) -> str:
        from ..display import to_text

        return to_text(self.document())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from ..display import to_bundle

        return to_bundle(self.document())

    # -- questions -------------------------------------------------------------------------------------------
    def finding(self, finding_id: str) -> Finding:
        """The finding with this id."""
        for found in self.findings:
            if found.id == finding_id:
                return found
        raise UnknownName("finding", finding_id, known=[f.id for f in self.findings])

    def explain(self, finding_id: str) -> Explanation:
        """Rule, computation, rows, clause and passages behind a finding."""
        found = self.finding(finding_id)
        cited = tuple(p for p in self.context if p.id in found.citations)
        told = tuple(h.about[finding_id] for h in (self.run.heard if self.run else ()) if finding_id in h.about)
        return Explanation(finding=found, dataset=self.dataset, capability=self.capability, passages=cited, told=told)

    # -- as a document ---------------------------------------------------------------------------------------
    @property
    def title(self) -> str:
        """The heading of the result."""
        return f"{self.capability.value.replace('_', ' ').capitalize()}: {self.dataset.name}"

    def document(self) -> Document:
        """What a reader sees: the answer, the capability's own body, findings, notes."""
        blocks: list[Block] = [Text(self.summary, tone="strong")]
        if self.narrative is not None:
            blocks.append(Text(self.narrative.text))
            if self.narrative.author != "computed":
                blocks.append(Text(f"Text written by {self.narrative.author}; every figure is computed.", tone="note"))
        blocks += self.body()
        blocks += self.found()
        if self.run is not None and self.run.heard:
            blocks.append(_heard_grid(self.run.heard))
        if self.context:
            blocks.append(passages_block(self.context))
        if self.notes:
            blocks.append(Fold(f"Notes ({len(self.notes)})", (Items(self.notes),)))
        return Document(title=self.title, blocks=tuple(blocks), footer=self._footer())

    def body(self) -> list[Block]:
        """The blocks between the summary and the findings; subclasses say what they have."""
        return []

    def found(self) -> list[Block]:
        """The findings, worst first; subclasses whose body says the same fold them."""
        return findings_blocks(self.findings)

    def _footer(self) -> str:
        ref = self.dataset
        who = f" · {self.agent}" if self.agent else ""
        return f"{ref.rows:,} rows x {len(ref.columns):,} columns · fingerprint {ref.fingerprint[:12]}{who}"


def write_file(target: Path, text: str) -> Path:
    """Write a text file; a folder that is not there or cannot be written becomes one line."""
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot write `{target.as_posix()}`: {reason}.", hint="Is the folder there, and is there room?") from error
    return target


@dataclass(frozen=True, kw_only=True, repr=False)
class Explanation:
    """Why a finding stands: rule, computation, rows, clause, passages."""

    finding: Finding
    dataset: DatasetRef
    capability: AgentCapability
    passages: tuple[Passage, ...] = ()
    told: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return dict(plain(self))

    def document(self) -> Document:
        """What ``%governance why ID`` shows."""
        f = self.finding
        pairs = [
            ("finding", Code(f.id)),
            ("severity", f.severity.value),
            ("rule", Code(f.rule)),
            ("columns", ", ".join(f.columns) or "whole table"),
            ("confidence", percent(f.confidence)),
        ]
        pairs += [("dimension", f.dimension)] if f.dimension else []
        pairs += [("clause", f.clause)] if f.clause else []
        blocks: list[Block] = [Text(f.message, tone="strong"), Facts(tuple(pairs))]
        blocks.append(Text("Computed as: " + (f.computation or f"rule `{f.rule}` counted over all rows") + "."))
        if f.of:
            blocks.append(Text(f"{f.count:,} of {f.of:,} rows ({percent(f.count, f.of)})."))
        if f.rows:
            more = f" and {f.count - len(f.rows):,} more" if f.count > len(f.rows) else ""
            blocks.append(Text("Rows: " + ", ".join(map(str, f.rows[:20])) + ("" if len(f.rows) <= 20 else ", …") + more))
        if f.evidence:
            rows = tuple((str(e.row), e.column, Code(e.shown), e.note) for e in f.evidence)
            blocks.append(Grid("Evidence (values masked)", ("row", "column", "value", "note"), rows))
        blocks += [Text(f"Told by another agent: {text}.") for text in self.told]
        if f.actions:
            blocks.append(Items(tuple(f.actions)))
        if self.passages:
            blocks.append(passages_block(self.passages))
        return Document(title=f"Why {f.id}", blocks=tuple(blocks), footer=str(self.dataset))

    def __repr__(self) -> str:
        from ..display import to_text

        return to_text(self.document())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from ..display import to_bundle

        return to_bundle(self.document())


def findings_blocks(findings: tuple[Finding, ...], caption: str = "Findings") -> list[Block]:
    """The worst findings as a grid, the rest folded."""
    if not findings:
        return []
    head, rest = findings[:FINDINGS_SHOWN], findings[FINDINGS_SHOWN:]
    blocks: list[Block] = [findings_grid(head, f"{caption} ({len(findings)}), worst first")]
    if rest:
        shown = rest[:200]
        blocks.append(Fold(f"{len(rest):,} more", (findings_grid(shown, caption, more=len(rest) - len(shown)),)))
    return blocks


def _heard_grid(heard: tuple[Heard, ...]) -> Grid:
    rows = tuple((h.sender, h.capability.replace("_", " "), h.dataset, h.findings, h.text) for h in heard)
    return Grid("Taken in from other agents", ("agent", "told of", "table", "findings", "what it means here"), rows)


def findings_grid(findings: tuple[Finding, ...], caption: str, more: int = 0) -> Grid:
    """Findings as one grid."""
    from ._document import Badge

    rows = tuple(
        (
            Badge(f.severity.value, f.severity),
            f.message,
            f.count or None,
            percent(f.count, f.of) if f.of and f.count else None,
            Code(f.id),
        )
        for f in findings
    )
    return Grid(caption, ("severity", "finding", "rows", "share", "id"), rows, more=more)


def passages_block(passages: tuple[Passage, ...]) -> Fold:
    """The passages a result rests on, folded."""
    room = 600 if len(passages) <= FINDINGS_SHOWN else 200  # many are for looking up: each is whole where its finding is explained
    grids = tuple(
        (p.title or p.source, " › ".join(p.section), p.text if len(p.text) < room else p.text[: room - 1] + "…", p.source) for p in passages
    )
    grid = Grid("Retrieved knowledge", ("document", "section", "passage", "source"), grids)
    return Fold(f"Passages used ({len(passages)})", (grid,))


def worst(findings: tuple[Finding, ...]) -> Severity | None:
    """The highest severity among findings."""
    return max((f.severity for f in findings), key=lambda s: s.rank, default=None)
