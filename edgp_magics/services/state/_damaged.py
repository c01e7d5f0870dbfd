"""Values of a store whose bytes can no longer be read."""

from __future__ import annotations

from typing import Any


class Damaged:
    """What stands for such a value, so that one of them does not hide all others."""


def is_damaged(value: Any) -> bool:
    """Whether a checkpoint as the store gave it, or something in it, could not be read.

    >>> is_damaged({"a": [1, Damaged()]}), is_damaged({"a": [1]})
    (True, False)
    """
    if isinstance(value, Damaged):
        return True
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return any(is_damaged(part) for part in parts)
