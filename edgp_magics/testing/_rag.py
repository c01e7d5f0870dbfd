"""Twins of the retrieval seams: an encoder without weights, and the contracts every encoder and store keeps."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

import numpy as np

from ..services.rag import Encoder, VectorStore

_WORD = re.compile(r"\w+")


class HashEncoder:
    """Unit vectors from words by hashing: equal texts are equal, texts that share words are near.

    >>> a, b, c = HashEncoder().encode(["personal data", "data, personal", "card number"])
    >>> bool(np.allclose(a, b)), bool(a @ c < 0.5)
    (True, True)
    """

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension
        self.calls: list[int] = []

    @property
    def name(self) -> str:
        """The model's name."""
        return f"hash-{self._dimension}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def encode(self, texts: Sequence[str], report: Callable[[str, float | None], None] | None = None) -> np.ndarray:
        """One unit vector a text; ``calls`` keeps how many texts each call had."""
        self.calls.append(len(texts))
        out = np.zeros((len(texts), self._dimension), np.float32)
        for row, text in zip(out, texts, strict=True):
            for word in _WORD.findall(text.lower()) or [""]:
                digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
                rng = np.random.default_rng(int.from_bytes(digest, "big"))
                row += rng.standard_normal(self._dimension).astype(np.float32)
            row /= np.linalg.norm(row) or 1.0
        if report is not None:
            report("embedding", 1.0)
        return out


def check_encoder(encoder: Encoder) -> None:
    """The contract of an encoder."""
    texts = ["Personal data are erased after two years.", "Kartennummern werden maskiert 💳", "", "x " * 5_000]
    vectors = encoder.encode(texts)
    assert vectors.shape == (4, encoder.dimension) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.allclose(encoder.encode(texts[:1])[0], vectors[0], atol=1e-3), "a vector does not depend on its neighbours"
    assert encoder.name and encoder.encode([]).shape[0] == 0


def check_store(store: VectorStore) -> None:
    """The contract of a vector store; it is left empty."""
    store.clear()
    points = np.eye(6, dtype=np.float32)
    assert store.search(points[0], 3) == [] and store.ids() == set()
    store.upsert(["1.0.a", "2.0.b", "3.0.c"], points[:3])
    assert store.ids() == {"1.0.a", "2.0.b", "3.0.c"}
    _check_search(store, points)
    store.upsert(["1.0.a", "4.0.d", "4.0.d"], points[[3, 0, 4]])
    assert [key for key, _ in store.search(points[3], 1)] == ["1.0.a"], "an id that is there is replaced"
    assert [key for key, _ in store.search(points[4], 1)] == ["4.0.d"], "of one id given twice the later counts"
    store.delete(["2.0.b", "never there"])
    assert store.ids() == {"1.0.a", "3.0.c", "4.0.d"}, "nothing is left behind"
    assert "2.0.b" not in [key for key, _ in store.search(points[1], 9)]
    store.save()
    store.reload()
    assert store.ids() == {"1.0.a", "3.0.c", "4.0.d"}
    store.upsert([], points[:0])
    store.delete([])
    store.clear()
    assert store.ids() == set() and store.search(points[0], 3) == []


def _check_search(store: VectorStore, points: np.ndarray) -> None:
    near = (0.8 * points[0] + 0.6 * points[1]).astype(np.float32)
    found = store.search(near, 9)
    assert [key for key, _ in found] == ["1.0.a", "2.0.b", "3.0.c"], "best first, and no more than there are"
    assert np.allclose([score for _, score in found], [0.8, 0.6, 0.0], atol=1e-3), "the score is the cosine"
    assert np.isclose(store.search(-points[0], 9)[-1][1], -1, atol=1e-3), "opposite is -1, not 0"
    within = frozenset({"2.0.b", "never there"})
    assert [key for key, _ in store.search(near, 9, within)] == ["2.0.b"], "only what was asked for"
    assert store.search(near, 9, frozenset()) == []
    assert len(store.search(near, 1)) == 1
