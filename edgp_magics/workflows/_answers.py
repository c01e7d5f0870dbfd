"""What a person answered, checked against what was asked, before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import BadOption, UnknownName, UsageError, WorkflowError

_WORDS = ("auto", "all", "none")
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_IDS = re.compile(r"[0-9a-f]{32}")
_CONFIDENCE = re.compile(r"0?\.\d+|[01]\.0+")


def answers(run_id: str, interrupts: Sequence[Mapping[str, Any]], decisions: Any, *, interrupt: str = "") -> dict[str, Any]:
    """The answer to each interrupt by its id. ``interrupt`` says which one is answered: its id, a beginning of it, or its step.

    >>> asked = [{"id": "i1", "kind": "approval", "action_ids": ["A-1", "A-2"], "question": "?"}]
    >>> answers("wf-1", asked, "2"), answers("wf-1", asked, "auto")
    ({'i1': {'approve': ['A-2']}}, {'i1': {'approve': 'auto'}})
    """
    if decisions is None:
        asked = "; ".join(str(i["question"]) for i in interrupts)
        raise WorkflowError(f"run {run_id} waits for an answer: {asked}", hint=how_to_answer(run_id, interrupts), run=run_id)
    if interrupt:
        decisions = {interrupt: decisions}
    if isinstance(decisions, Mapping) and (interrupt or _by_id(decisions, interrupts)):
        chosen = {i: (w, d) for name, d in decisions.items() for i, w in [_named(str(name), interrupts)]}
        return {i: _answer(waiting, d) for i, (waiting, d) in chosen.items()}
    if len(interrupts) > 1:
        raise UsageError(f"run {run_id} waits for {len(interrupts)} answers.", hint=how_to_answer(run_id, interrupts))
    return {str(interrupts[0]["id"]): _answer(interrupts[0], decisions)}


def how_to_answer(run_id: str, interrupts: Sequence[Mapping[str, Any]]) -> str:
    """The line that answers, with the question's name where several wait."""
    if len(interrupts) < 2:
        return f"%governance resume {run_id} --approve auto"
    names = ", ".join(name_of(i) for i in interrupts)
    return f"Answer one by one: %governance resume {run_id} --interrupt {name_of(interrupts[0])} --approve auto. They are: {names}"


def name_of(waiting: Mapping[str, Any]) -> str:
    """What a question is called: its step, or the beginning of its id."""
    return str(waiting.get("step") or str(waiting["id"])[:8])


def _by_id(decisions: Mapping[Any, Any], interrupts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a mapping answers by id; an approval's may else only say ``approve``, one of a graph of your own anything."""
    if len(interrupts) > 1:
        return True
    if interrupts[0].get("kind") == "approval":
        return set(decisions) != {"approve"}
    return any(_matches(str(name), interrupts) or _IDS.fullmatch(str(name)) for name in decisions)


def _matches(given: str, interrupts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    named = [i for i in interrupts if i.get("step") == given]
    return named or [i for i in interrupts if i["id"] == given or (len(given) >= 6 and str(i["id"]).startswith(given))]


def _named(given: str, interrupts: Sequence[Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """The interrupt of a step or id; an id may be shortened to its beginning."""
    found = _matches(given, interrupts)
    if len(found) != 1:
        raise UnknownName("interrupt", given, known=[name_of(i) for i in interrupts])
    return str(found[0]["id"]), found[0]


def standing(decision: Any) -> Any:
    """A standing answer in its one form; the actions are not known yet, so numbers cannot be said.

    >>> standing("0.9"), standing("all"), standing(["A-1"])
    (0.9, 'all', ['A-1'])
    """
    if decision is None or (isinstance(decision, str) and decision in _WORDS):
        return decision
    if isinstance(decision, str) and _CONFIDENCE.fullmatch(decision):
        return float(decision)
    if isinstance(decision, (int, float)) and not isinstance(decision, bool) and 0 <= decision <= 1:
        return float(decision)
    words = decision.split(",") if isinstance(decision, str) else decision
    if isinstance(words, Iterable) and all(isinstance(w, str) and w.strip().startswith("A-") for w in words):
        return [str(w).strip() for w in words]
    raise BadOption(f"a standing approval cannot be {decision!r}.", hint="Say auto, all, none, a confidence, or ids of actions.")


def _answer(waiting: Mapping[str, Any], decision: Any) -> Any:
    """An answer to an approval in its one form; to a question of a graph of your own as it was given."""
    if waiting.get("kind") != "approval":
        return decision
    if isinstance(decision, Mapping):
        decision = decision.get("approve")
    if isinstance(decision, bool):
        decision = "all" if decision else "none"
    if isinstance(decision, (int, float)):
        if not 0 <= decision <= 1:
            raise BadOption(f"{decision} is no confidence.", hint="It is between 0 and 1; for the first action say '1' or its id.")
        return {"approve": float(decision)}
    return {"approve": _some(waiting, _chosen(decision, list(waiting["action_ids"])))}


def _some(waiting: Mapping[str, Any], chosen: Any) -> Any:
    """A person who says ``all`` wants something done: where that names no action, it is said instead of done nothing."""
    tiers = waiting.get("tiers") or {}
    count = len(waiting["action_ids"])
    if chosen == "all" and count and tiers and not (tiers["auto"] or tiers["review"]):
        why = "a flag needs its number or id." if tiers["flag"] else "they can only be looked at."
        raise BadOption(
            f"`all` would approve 0 of {count}: {why}", hint="Say none to go on." if not tiers["flag"] else "Such as 1; or none."
        )
    return chosen


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
