"""What a person answered, checked against what was asked, before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import BadOption, UnknownName, UsageError, WorkflowError

_WORDS = ("auto", "all", "none")
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_CONFIDENCE = re.compile(r"0?\.\d+|[01]\.0+")


def answers(run_id: str, interrupts: Sequence[Mapping[str, Any]], decisions: Any) -> dict[str, Any]:
    """The answer to each interrupt by its id.

    >>> asked = [{"id": "i1", "kind": "approval", "action_ids": ["A-1", "A-2"], "question": "?"}]
    >>> answers("wf-1", asked, "2"), answers("wf-1", asked, "auto")
    ({'i1': {'approve': ['A-2']}}, {'i1': {'approve': 'auto'}})
    """
    if decisions is None:
        asked = "; ".join(str(i["question"]) for i in interrupts)
        raise WorkflowError(f"run {run_id} waits for an answer: {asked}", hint=f"%governance resume {run_id} --approve auto", run=run_id)
    ids = [str(i["id"]) for i in interrupts]
    if isinstance(decisions, Mapping) and _by_id(decisions, ids):
        return {i: _answer(next(w for w in interrupts if w["id"] == i), d) for i, d in _matched(decisions, ids).items()}
    if len(interrupts) > 1:
        raise UsageError(f"run {run_id} waits for {len(ids)} answers.", hint=f"Answer by id: {{{', '.join(repr(i[:8]) for i in ids)}: …}}")
    return {ids[0]: _answer(interrupts[0], decisions)}


def _by_id(decisions: Mapping[Any, Any], ids: Sequence[str]) -> bool:
    return bool(decisions) and (len(ids) > 1 or any(_start(str(k), ids) for k in decisions))


def _start(given: str, ids: Iterable[str]) -> list[str]:
    return [i for i in ids if len(given) >= 6 and i.startswith(given)]


def _matched(decisions: Mapping[Any, Any], ids: Sequence[str]) -> dict[str, Any]:
    """Decisions by whole id; an id may be shortened to its beginning."""
    out = {}
    for given, decision in decisions.items():
        found = _start(str(given), ids)
        if len(found) != 1:
            raise UnknownName("interrupt", str(given), known=ids)
        out[found[0]] = decision
    return out


def _answer(waiting: Mapping[str, Any], decision: Any) -> Any:
    """An answer to an approval in its one form; to a question of a graph of your own as it was given."""
    if waiting.get("kind") != "approval":
        return decision
    if isinstance(decision, Mapping):
        decision = decision.get("approve")
    if isinstance(decision, bool):
        return {"approve": "all" if decision else "none"}
    if isinstance(decision, (int, float)):
        if not 0 <= decision <= 1:
            raise BadOption(f"{decision} is no confidence.", hint="It is between 0 and 1; for the first action say '1' or its id.")
        return {"approve": float(decision)}
    return {"approve": _chosen(decision, list(waiting["action_ids"]))}


def _chosen(decision: Any, known: Sequence[str]) -> Any:
    words = decision.split(",") if isinstance(decision, str) else decision
    if not isinstance(words, Iterable):
        raise BadOption(f"an approval cannot be {decision!r}.", hint="Say auto, all, none, a confidence, numbers such as 1,3-5, or ids.")
    said = [str(w).strip() for w in words if str(w).strip()]
    if len(said) == 1 and said[0] in _WORDS:
        return said[0]
    if len(said) == 1 and isinstance(decision, str) and _CONFIDENCE.fullmatch(said[0]):
        return float(said[0])
    return list(dict.fromkeys(a for word in said for a in _ids(word, known)))


def _ids(word: str, known: Sequence[str]) -> list[str]:
    if word in known:
        return [word]
    numbers = _RANGE.fullmatch(word)
    if numbers is None:
        raise UnknownName("action", word, known=known)
    first, last = int(numbers[1]), int(numbers[2] or numbers[1])
    if not 1 <= first <= last <= len(known):
        raise BadOption(f"there is no action {word}.", hint=f"They are numbered 1 to {len(known)}.")
    return list(known[first - 1 : last])
