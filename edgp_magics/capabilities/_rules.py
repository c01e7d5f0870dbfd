"""rule_suggestion: rules that the data keeps to, counted, and written for the tools that check them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ..frames import Frame
from ..values import AgentCapability, Bar, Block, Code, Context, Fold, Grid, Listing, Result, Status, percent, plural
from ..values._result import write_file
from ._options import Option
from ._profile import ProfileResult, profile_data
from .checks import Outcome, Rule, Tolerance, run_rules
from .profiling._model import ColumnProfile
from .rules._derive import drafts
from .rules._model import Basis, Draft, severity_for, tolerance_for, wilson

if TYPE_CHECKING:
    import pandas as pd

_OPEN = 25
_FOLDED = 400


@dataclass(frozen=True, kw_only=True, repr=False)
class RulesResult(Result):
    """Suggested rules, best supported first; ``basis`` says by rule id what each rests on.

    Give ``rules`` to the assessment (``checks=result.rules``), or take them elsewhere with the ``to_...`` methods.
    """

    rules: tuple[Rule, ...] = ()
    basis: Mapping[str, Basis] = field(default_factory=dict)
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)

    def to_odcs(self) -> str:
        """An Open Data Contract Standard v3.1 contract (YAML) with these rules under ``quality``."""
        from .rules._odcs import to_odcs

        return to_odcs(
            self.dataset.name, self.columns, self.rules, self._broken(), contract_id=f"suggested-{self.dataset.fingerprint[:16]}"
        )

    def to_great_expectations(self) -> dict[str, Any]:
        """A Great Expectations suite as its JSON form."""
        from .rules._gx import to_great_expectations

        return to_great_expectations(self.dataset.name, self.rules, self._broken())

    def to_dbt(self) -> str:
        """A dbt ``schema.yml`` (dbt, dbt_utils, dbt_expectations)."""
        from .rules._dbt import to_dbt

        return to_dbt(self.dataset.name, list(self.columns), self.rules, self._broken(), rows=self.dataset.rows)

    def to_soda(self) -> str:
        """SodaCL checks (YAML)."""
        from .rules._soda import to_soda

        return to_soda(self.dataset.name, self.rules, self._broken())

    def to_pandera(self) -> str:
        """The Python code of a Pandera schema."""
        from .rules._pandera import to_pandera

        return to_pandera(self.dataset.name, self.columns, self.rules, self._broken())

    def save(self, path: str | Path) -> Path:
        """Write the data contract (``.yml``, ``.yaml``: ODCS), or the result as other results do."""
        target = Path(path)
        return write_file(target, self.to_odcs()) if target.suffix.lower() in (".yml", ".yaml") else super().save(target)

    def _broken(self) -> dict[str, str]:
        """By rule id, how many of today's rows break a rule that allows none: other tools are told to warn, and why."""
        told = {}
        for rule in self.rules:
            basis = self.basis[rule.id]
            if basis.failing and not str(rule.tolerance):
                kept = percent(basis.judged - basis.failing, basis.judged)
                told[rule.id] = f"holds for {kept}: {basis.failing:,} of {basis.judged:,} rows break it today ({basis.why})"
        return told

    def to_frame(self) -> pd.DataFrame:
        """One row per rule."""
        import pandas as pd

        names = ["id", "rule", "kind", "columns", "support", "confidence", "at_least", "judged", "failing", "tolerance", "why"]
        return pd.DataFrame([self._row(r) for r in self.rules], columns=names)

    def _row(self, rule: Rule) -> list[Any]:
        basis = self.basis[rule.id]
        shown = [rule.id, rule.but(tolerance=Tolerance()).label, rule.kind, ", ".join(rule.columns), rule.support, rule.confidence]
        return [*shown, basis.at_least, basis.judged, basis.failing, str(rule.tolerance), basis.why]

    def body(self) -> list[Block]:
        """The rules, best first; the rest and the text for other tools folded."""
        if not self.rules:
            return []
        blocks: list[Block] = [self._grid("Suggested rules, best supported first", self.rules[:_OPEN])]
        rest = self.rules[_OPEN:]
        if rest:
            blocks.append(Fold(f"{len(rest):,} more rules", (self._grid("More rules", rest[:_FOLDED], more=max(0, len(rest) - _FOLDED)),)))
        if len(self.rules) <= 100:
            blocks.append(Fold("As SodaCL", (Listing(self.to_soda(), "yaml"),)))
        return blocks

    def _grid(self, caption: str, rules: Sequence[Rule], more: int = 0) -> Grid:
        rows = tuple(
            (
                Code(r.but(tolerance=Tolerance()).label),
                percent(r.support),
                Bar(r.confidence, percent(r.confidence), "good" if r.confidence >= 0.99 else "neutral"),
                percent(self.basis[r.id].at_least),
                self.basis[r.id].failing,
                str(r.tolerance) or "none",
                self.basis[r.id].why,
                Code(r.id),
            )
            for r in rules
        )
        names = ("rule", "support", "confidence", "at least (95 %)", "rows that break it", "tolerance", "why", "id")
        return Grid(caption, names, rows, more=more)


def suggest_rules(
    frame: Frame,
    context: Context,
    *,
    min_confidence: Annotated[float, Option("least share of rows that keep a rule (lower bound, 95 %)", minimum=0, maximum=1)] = 0.9,
    min_support: Annotated[float, Option("least share of rows a rule speaks about", minimum=0, maximum=1)] = 0.01,
    tolerance: Annotated[bool, Option("allow as many failing rows as there are today; otherwise none")] = False,
    columns: Annotated[tuple[str, ...], Option("only rules about these columns", kind="column")] = (),
) -> RulesResult:
    """Suggest rules from what the data keeps to, with support and confidence.

    A rule that some rows break today is strict all the same: taken to another tool it warns, and says how many rows those are.

    >>> import pandas as pd
    >>> from edgp_magics.frames import as_frame
    >>> t = as_frame(pd.DataFrame({"id": range(200), "size": ["S", "M", "L", "M"] * 50}), name="shirts")
    >>> [r.label for r in suggest_rules(t, Context()).rules if "size" in r.columns]
    ['size in (L, M, S)', 'size not null']
    """
    wanted = {c.name for c in frame.select(columns)}
    profile = _profile_of(frame, context)
    found = [d for d in drafts(frame, profile, context) if set(d.rule.columns) <= wanted]
    unique = list({d.rule.id: d for d in found}.values())
    outcomes = run_rules(frame, [d.rule for d in unique], context)
    made = list(_counted(frame, unique, outcomes, min_confidence, min_support, tolerance=tolerance))
    made.sort(key=lambda pair: _order(pair[0], profile))
    return _result(frame, profile, made, unique, outcomes)


def _profile_of(frame: Frame, context: Context) -> ProfileResult:
    """The profile of this very table if it was made already, else a new one."""
    earlier = context.results.get(AgentCapability.DATA_PROFILING.value)
    if not isinstance(earlier, ProfileResult) or earlier.dataset.fingerprint != frame.fingerprint:
        return profile_data(frame, context)
    whole = earlier.duplicates is not None and set(earlier.columns) == set(frame.columns)
    in_memory = all(p.sketch is not None or not p.numeric or not p.count for p in earlier.columns.values())
    return earlier if whole and in_memory else profile_data(frame, context)


def _counted(
    frame: Frame, found: Sequence[Draft], outcomes: Sequence[Outcome], least: float, support: float, *, tolerance: bool
) -> Iterator[tuple[Rule, Basis]]:
    """The rules that hold well enough, each with what it rests on."""
    for draft, outcome in zip(found, outcomes, strict=True):
        if outcome.status == "not_run":
            continue
        judged, failing = (
            (outcome.judged, outcome.failing) if draft.rule.row_level else (frame.rows, 0 if outcome.status == "pass" else frame.rows)
        )
        if not judged:
            continue
        lower = wilson(judged - failing, judged)[0]
        share = judged / frame.rows
        enough = lower >= least or (not failing and judged >= 1 and frame.rows < 60)  # a small table cannot show more than it has
        if not enough or share < support:
            continue
        limit = tolerance_for(failing, judged) if tolerance and draft.rule.row_level else Tolerance()
        rule = draft.rule.but(
            origin="suggested",
            support=round(min(1.0, share), 6),
            confidence=round(1 - failing / judged, 6),
            tolerance=limit,
            severity=severity_for(draft.rule),
        )
        yield rule, Basis(judged=judged, failing=failing, at_least=round(lower, 6), why=draft.why)


_KINDS = (
    "unique", "unique_combo", "relationship", "in_set", "type_is", "regex", "dependency", "conditional", "pair", "range", "not_null",
    "length", "freshness", "row_count",
)  # fmt: skip


def _order(rule: Rule, profile: ProfileResult) -> tuple[Any, ...]:
    """Keys first, then by kind; within a kind the surer ones, then as the columns stand."""
    places = {name: i for i, name in enumerate(profile.columns)}
    first = places.get(rule.columns[0], len(places)) if rule.columns else len(places)
    return (_KINDS.index(rule.kind) if rule.kind in _KINDS else len(_KINDS), first, -rule.confidence, rule.id)


def _result(
    frame: Frame, profile: ProfileResult, made: Sequence[tuple[Rule, Basis]], found: Sequence[Draft], outcomes: Sequence[Outcome]
) -> RulesResult:
    rules = tuple(rule for rule, _ in made)
    kinds = Counter(r.kind for r in rules)
    covered = {c for r in rules for c in r.columns}
    listed = ", ".join(f"{n} {k}" for k, n in kinds.most_common())
    summary = (
        f"{plural(len(rules), 'rule')} suggested for {len(covered)} of {plural(len(profile.columns), 'column')}: {listed}."
        if rules
        else (f"No rule can be suggested for {frame.name}: it has {plural(frame.rows, 'row')}.")
    )
    return RulesResult(
        capability=AgentCapability.RULE_SUGGESTION,
        dataset=frame.ref,
        status=Status.OK if rules else Status.NOT_ASSESSED,
        summary=summary,
        metrics={"rules": len(rules), "columns_covered": len(covered), **{f"rules_{k}": n for k, n in sorted(kinds.items())}},
        notes=tuple(_notes(found, outcomes, len(rules))),
        rules=rules,
        basis={rule.id: basis for rule, basis in made},
        columns=profile.columns,
    )


def _notes(found: Sequence[Draft], outcomes: Sequence[Outcome], kept: int) -> Iterator[str]:
    yield (
        "Support is the share of rows a rule speaks about (nulls pass every rule but not-null), confidence the share of those that keep "
        "it; `at least` is the lower end of its 95 % Wilson interval. A rule that rows break today allows none of them unless "
        "`--tolerance` is given: in other tools it warns, and its description says how many rows break it."
    )
    if kept:
        yield (
            "For other tools: to_odcs() (or save('rules.yml')), to_great_expectations(), to_dbt(), to_soda() and to_pandera() of this "
            "result give the rules as text."
        )
    dropped = len(found) - kept - sum(o.status == "not_run" for o in outcomes)
    if dropped:
        yield f"{plural(dropped, 'candidate')} left out: too many rows break them, or they speak about too few."
    for draft, outcome in zip(found, outcomes, strict=True):
        if outcome.status == "not_run":
            yield f"NOT RUN: {draft.rule.label} ({outcome.reason})."
