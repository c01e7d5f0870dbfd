"""Who does work that comes in many independent pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ._context import Progress

Piece = TypeVar("Piece")
Done = TypeVar("Done")
Work = Callable[[Sequence[Piece], "Progress"], list[Done]]
"""Does pieces one after the other and gives what came of each. A function of a module, not a closure: it may run elsewhere."""


class Crew:
    """One who does all of it here and now; the runtime has one with other processes to help.

    >>> from edgp_magics.values import Progress
    >>> Crew().share(lambda pieces, progress: [p.upper() for p in pieces], ["a", "b"], [1.0, 1.0], Progress())
    ['A', 'B']
    """

    def share(self, work: Work[Piece, Done], pieces: Sequence[Piece], seconds: Sequence[float], progress: Progress) -> list[Done]:
        """What came of each piece, in their order; ``seconds`` is about how long each takes."""
        return work(pieces, progress)
