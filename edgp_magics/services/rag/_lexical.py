"""BM25 over stems with a bonus for words that stand together.

Written on numpy rather than taken from bm25s, which the tests use as the measure: fractional weights, positions for
the proximity bonus and cheap changes are needed, and its import costs a quarter of a second and scipy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from ._words import terms

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

K1, B = 0.9, 0.4
"""Passages are short and of like length, so that length says little: the usual low setting for passage retrieval."""
_NEAR = 4
"""Words at most this far apart (words that say nothing not counted) stand together."""
_TOGETHER = 0.6
"""Weight of words standing together against single words."""


class LexicalIndex:
    """Texts by position, scored for a query. Adding is cheap; the first score after a change rebuilds the table.

    >>> index = LexicalIndex()
    >>> index.add(["retention of personal data", "card numbers"])
    >>> [bool(s > 0) for s in index.scores("How long is data retained?")]
    [True, False]
    """

    def __init__(self) -> None:
        self._vocabulary: dict[str, int] = {}
        self._texts: list[Ints] = []
        self._table: _Table | None = None

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, texts: Iterable[str]) -> None:
        """Append texts."""
        number = self._vocabulary
        self._texts += [np.asarray([number.setdefault(t, len(number)) for t in terms(text)], np.int32) for text in texts]
        self._table = None

    def keep(self, positions: Sequence[int]) -> None:
        """Keep only the texts at these positions, in this order."""
        self._texts = [self._texts[i] for i in positions]
        self._table = None

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Everything needed to restore the index, as arrays."""
        lengths = np.asarray([len(t) for t in self._texts], np.int32)
        flat = np.concatenate(self._texts) if self._texts else np.zeros(0, np.int32)
        return {"lengths": lengths, "flat": flat, "vocabulary": np.asarray(list(self._vocabulary), np.str_)}

    @classmethod
    def restore(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> LexicalIndex:
        """The index that :meth:`arrays` describes."""
        index = cls()
        index._vocabulary = {str(word): i for i, word in enumerate(arrays["vocabulary"].tolist())}
        flat = np.asarray(arrays["flat"], np.int32)
        index._texts = np.split(flat, np.cumsum(arrays["lengths"])[:-1]) if len(arrays["lengths"]) else []
        return index

    def scores(self, query: str) -> Floats:
        """The BM25 score of every text."""
        return self._built().scores(self._numbers(query), len(self._texts))

    def together(self, query: str, positions: Sequence[int]) -> Floats:
        """A bonus for the texts at ``positions`` in which neighbouring words of the query stand together."""
        words = self._numbers(query)
        pairs = sorted({(min(a, b), max(a, b)) for gap in (1, 2) for a, b in zip(words, words[gap:], strict=False) if a != b})
        if not pairs or not len(positions):
            return np.zeros(len(positions), np.float32)
        near = _nearness([self._texts[i] for i in positions], pairs, len(self._vocabulary))
        idf = self._built().idf
        worth = np.asarray([(idf[a] + idf[b]) / 2 for a, b in pairs], np.float32)
        bonus: Floats = (_TOGETHER * (near * (K1 + 1) / (near + K1) * worth).sum(axis=1)).astype(np.float32)
        return bonus

    def _numbers(self, query: str) -> list[int]:
        return [self._vocabulary[t] for t in terms(query) if t in self._vocabulary]

    def _built(self) -> _Table:
        if self._table is None:
            self._table = _Table(self._texts, len(self._vocabulary))
        return self._table


class _Table:
    """Postings by word: which texts, and what the word is worth there."""

    def __init__(self, texts: list[Ints], words: int) -> None:
        lengths = np.asarray([len(t) for t in texts], np.int64)
        flat = np.concatenate(texts).astype(np.int64) if len(texts) else np.zeros(0, np.int64)
        owner = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
        pairs, counts = np.unique(flat * max(1, len(texts)) + owner, return_counts=True)
        word, self.text = np.divmod(pairs, max(1, len(texts)))
        frequency = np.bincount(word, minlength=words)
        self.start = np.concatenate([[0], np.cumsum(frequency)])
        self.idf = np.log(1 + (len(texts) - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        usual = lengths.mean() if lengths.sum() else 1.0
        norm = K1 * (1 - B + B * lengths[self.text] / usual)
        self.worth = (self.idf[word] * counts * (K1 + 1) / (counts + norm)).astype(np.float32)

    def scores(self, words: list[int], texts: int) -> Floats:
        out = np.zeros(texts, np.float32)
        for word, times in Counter(words).items():
            where = slice(self.start[word], self.start[word + 1])
            out[self.text[where]] += times * self.worth[where]  # a text occurs once among the postings of a word
        return out


def _nearness(texts: list[Ints], pairs: list[tuple[int, int]], vocabulary: int) -> Floats:
    """For each text and pair, how often and how near its two words stand together: the sum of 1 / distance."""
    pair_of = {pair: i for i, pair in enumerate(pairs)}
    wanted = sorted({word for pair in pairs for word in pair})
    number = np.full(vocabulary, -1, np.int32)
    number[wanted] = np.arange(len(wanted))
    lookup = np.full((len(wanted), len(wanted)), -1, np.int32)
    for (a, b), i in pair_of.items():
        x, y = int(number[a]), int(number[b])
        lookup[x, y] = lookup[y, x] = i
    lengths = np.asarray([len(t) for t in texts])
    flat = number[np.concatenate(texts)] if lengths.sum() else np.zeros(0, np.int32)
    at = np.flatnonzero(flat >= 0)
    owner = np.repeat(np.arange(len(texts)), lengths)[at]
    word = flat[at]
    near = np.zeros((len(texts), len(pairs)), np.float32)
    for step in range(1, _NEAR + 1):  # places `step` apart among the places of wanted words
        distance = at[step:] - at[:-step]
        pair = lookup[word[:-step], word[step:]]
        ok = (distance <= _NEAR) & (owner[:-step] == owner[step:]) & (pair >= 0)
        np.add.at(near, (owner[:-step][ok], pair[ok]), 1 / distance[ok])
    return near
