"""The seams of retrieval: what turns text into vectors, what keeps vectors, what reorders hits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ...values import Passage

Vectors = npt.NDArray[np.float32]
Report = Callable[[str, float | None], None]
"""Told how far long work is; raising from it stops the work."""


@runtime_checkable
class Encoder(Protocol):
    """Texts to unit vectors. ``name`` says which weights, so that vectors can be cached under it."""

    @property
    def name(self) -> str:
        """Model and checksum of its weights."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str], report: Report | None = None) -> Vectors:
        """One unit vector a text, in order, as float32."""
        ...


@runtime_checkable
class VectorStore(Protocol):
    """Unit vectors by id, searched by cosine. What it holds is derived: it can always be filled again."""

    @property
    def name(self) -> str:
        """What a status line calls it."""
        ...

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add, or replace what is there under the same id."""
        ...

    def delete(self, ids: Collection[str]) -> None:
        """Remove; ids that are not there are passed over."""
        ...

    def search(self, vector: Vectors, k: int, within: Collection[str] | None = None) -> list[tuple[str, float]]:
        """The ``k`` nearest ids and their cosine (-1..1), best first; ``within`` limits to these ids."""
        ...

    def ids(self) -> set[str]:
        """Every id held."""
        ...

    def clear(self) -> None:
        """Remove everything."""
        ...

    def reload(self) -> None:
        """Look again at what another process may have written."""
        ...

    def save(self) -> None:
        """Make what was written last."""
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...


class Reranker(Protocol):
    """Scores passages anew for a query, higher is better: a hook, for example a cross-encoder."""

    def __call__(self, query: str, passages: Sequence[Passage]) -> Sequence[float]:
        """One score a passage."""
        ...


Where = Mapping[str, Any]
