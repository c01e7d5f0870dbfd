"""Filters on metadata, read in one place, so that every store and both sides of the search mean the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import BadOption

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda have, want: bool(have == want),
    "$ne": lambda have, want: bool(have != want),
    "$in": lambda have, want: have in want,
    "$nin": lambda have, want: have not in want,
    "$gt": lambda have, want: bool(have > want),
    "$gte": lambda have, want: bool(have >= want),
    "$lt": lambda have, want: bool(have < want),
    "$lte": lambda have, want: bool(have <= want),
    "$exists": lambda have, want: (have is not None) == bool(want),
}
_ORDERED = ("$gt", "$gte", "$lt", "$lte")


def fits(metadata: Mapping[str, Any], where: Mapping[str, Any] | None) -> bool:
    """Whether metadata passes a filter.

    A value means equal, a list one of these, a mapping comparisons; several keys must all hold. A list in the metadata
    passes when one of its items does. Dates compare as ISO text.

    >>> fits({"jurisdiction": "EU", "valid_from": "2018-05-25"}, {"jurisdiction": ["EU", "UK"], "valid_from": {"$lte": "2020-01-01"}})
    True
    """
    return all(_one(metadata, key, wanted) for key, wanted in (where or {}).items())


def _one(metadata: Mapping[str, Any], key: str, wanted: Any) -> bool:
    if key == "$and":
        return all(fits(metadata, part) for part in wanted)
    if key == "$or":
        return any(fits(metadata, part) for part in wanted)
    if key.startswith("$"):
        raise _unknown(key)
    have = metadata.get(key)
    tests = _tests(wanted)
    options = have if isinstance(have, (list, tuple)) else [have]
    return any(all(_holds(value, test, against) for test, against in tests) for value in options)


def _tests(wanted: Any) -> Sequence[tuple[str, Any]]:
    if isinstance(wanted, Mapping):
        for name in wanted:
            if name not in _COMPARE:
                raise _unknown(str(name))
        return list(wanted.items())
    if isinstance(wanted, (list, tuple, set, frozenset)):
        return [("$in", tuple(wanted))]
    return [("$eq", wanted)]


def _holds(have: Any, test: str, against: Any) -> bool:
    if test in _ORDERED and (have is None or isinstance(have, str) != isinstance(against, str)):
        return False
    return _COMPARE[test](have, against)


def _unknown(name: str) -> BadOption:
    return BadOption(f"`{name[:40]}` is no comparison of a filter.", hint=f"Use {', '.join(_COMPARE)}, $and or $or.")
