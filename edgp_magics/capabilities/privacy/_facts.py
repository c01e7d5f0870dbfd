"""What is measured once per column before any recognizer is asked."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...frames import Column, Kind
from ._forms import Forms
from ._headers import HeaderHit, header_hits, words_of
from ._lexicon import fold
from ._recognizers import BY_ENTITY, RECOGNIZERS
from ._words import UNSPACED, words

if TYPE_CHECKING:
    import pyarrow as pa

DISTINCT_SEEN = 128
"""A verdict looks at this many distinct values of a column, spread over the sampled rows."""

PLACEHOLDERS = words(
    "|n/a|na|n.a.|nan|nil|null|none|unknown|unk|not available|not applicable|not provided|not specified|undisclosed|"
    "tbc|tbd|to be confirmed|pending|-|--|---|.|?|??|x|xx|xxx|xxxx|test|"
    "missing|blank|empty|redacted|withheld|confidential|(null)|<null>|#n/a|k.a.|unbekannt|inconnu|desconocido|sconosciuto|"
    "onbekend|不详|未知|无|0|00000|000000|999999999",
    "|",
)
_SHAPE = str.maketrans(
    {
        **dict.fromkeys("0123456789", "9"),
        **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "a"),
        **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A"),
    }
)


@dataclass(frozen=True, eq=False)
class Facts:
    """A column as the recognizers see it: name, kind, distinct values and their measures.

    Of the column itself only the way to it is kept: a long one that had to be copied is not held for the sake of its facts.

    ``texts`` are all distinct values of the sample as they stand; ``values`` are at most :data:`DISTINCT_SEEN` of them,
    trimmed and without placeholders.
    """

    name: str
    kind: Kind
    dtype: str
    values: tuple[str, ...]
    texts: tuple[str, ...]
    counts: tuple[int, ...]
    rows: int
    cells: int
    filled: int
    distinct: int
    sampled: bool
    source: Callable[[], Column]
    rows_seen: int = 0
    shapes: tuple[str, ...] = ()
    lengths: tuple[tuple[int, int], ...] = ()
    hits: dict[str, HeaderHit] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """What a verdict needs, for another process: neither the texts nor the way to the column."""
        given = {f.name: getattr(self, f.name) for f in fields(self)} | {"texts": (), "source": _elsewhere}
        return functools.partial(Facts, **given), ()

    @property
    def column(self) -> Column:
        """The column, loaded anew where the frame does not hold it."""
        return self.source()

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers (and so may have lost leading zeros)."""
        return self.kind in ("integer", "float", "decimal")

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The values in lower case without accents."""
        return tuple([v[:120] if len(v) > 120 else v.lower() if v.isascii() else fold(v) for v in self.values])

    @cached_property
    def lines(self) -> str:
        """The values as one text, a line each: to look at it once costs a tenth of looking at each."""
        return _as_lines(self.values)

    @cached_property
    def _by_size(self) -> dict[tuple[int, int], list[int]]:
        out: dict[tuple[int, int], list[int]] = {}
        for i, size in enumerate(self.lengths):
            out.setdefault(size, []).append(i)
        return out

    def sized(self, lengths: tuple[int, int], digits: tuple[int, int]) -> list[int]:
        """The indexes of the values with so many characters and digits."""
        (low, high), (least, most) = lengths, digits
        return [i for (n, d), found in self._by_size.items() if low <= n <= high and least <= d <= most for i in found]

    @cached_property
    def folded_set(self) -> frozenset[str]:
        """The values in lower case without accents, each once."""
        return frozenset(self.folded)

    @cached_property
    def possible(self) -> frozenset[str]:
        """The types of :data:`LOOKED_FOR` whose pattern some value may have: one look at all values rules out nearly all of them."""
        return _patterns().of(self.lines)

    def may_have(self, entity: str) -> bool:
        """Whether some value may have a type's pattern as a whole: nothing is ruled out of what was not looked for."""
        return entity not in LOOKED_FOR or entity in self.possible

    def having(self, entity: str) -> frozenset[int]:
        """The indexes of the values that have a type's pattern as a whole."""
        if not self.may_have(entity):
            return frozenset()
        full = BY_ENTITY[entity].regex.fullmatch
        return frozenset(i for i, v in enumerate(self.values) if full(v))

    def known_in(self, vocabulary: frozenset[str]) -> frozenset[int]:
        """The indexes of the values that a vocabulary holds."""
        if self.folded_set.isdisjoint(vocabulary):
            return frozenset()
        return frozenset(i for i, v in enumerate(self.folded) if v in vocabulary)

    @cached_property
    def mean_length(self) -> float:
        """Mean length of the distinct values seen."""
        return (len(self.lines) - len(self.values) + 1) / len(self.values) if self.values else 0.0

    @cached_property
    def longest(self) -> int:
        """Length of the longest of the distinct values seen."""
        return max(map(len, self.values), default=0)

    @cached_property
    def digit_share(self) -> float:
        """How many of the values are digits for more than a third."""
        return sum(3 * d > n for n, d in self.lengths) / max(1, len(self.lengths))

    @cached_property
    def flag(self) -> bool:
        """Whether the column only says yes or no."""
        return self.kind == "boolean" or (0 < len(self.values) <= 4 and {v.lower() for v in self.values} <= FLAGS)

    @cached_property
    def coded(self) -> bool:
        """Whether the values are codes of a few capitals or digits, which may stand for anything."""
        return all(len(v) <= 3 and (v.isdigit() or v.isupper()) and v.isalnum() and v.isdigit() == v[0].isdigit() for v in self.values)

    @cached_property
    def hidden(self) -> bool:
        """Whether the values are starred out: what they were is not in them any more."""
        return "**" in self.lines and sum("**" in v for v in self.values) > 0.8 * len(self.values)

    @cached_property
    def sentences(self) -> float:
        """How many of the values are sentences."""
        return sum(map(sentence, self.values)) / max(1, len(self.values))

    @property
    def prose(self) -> bool:
        """Whether the values are sentences rather than codes or names."""
        return self.sentences >= 0.5


def _elsewhere() -> Column:
    raise RuntimeError("the column is in another process")


_CJK = f"[{UNSPACED}]"
_CJK_MARK = re.compile(r"[。，、！？；]")


def sentence(text: str) -> bool:
    """Whether a text has the words of a sentence; scripts without blanks are told by their marks.

    >>> sentence("call the customer back today"), sentence("包裹已于昨日送达，客户表示满意"), sentence("北京市海淀区中关村大街27号")
    (True, True, False)
    """
    blanks = text.count(" ")
    if blanks >= 4 or text.isascii():
        return blanks >= 4
    return (blanks == 3 or _CJK_MARK.search(text) is not None) and len(re.findall(_CJK, text)) >= 8


FLAGS = words("true|false|yes|no|y|n|t|f|0|1|0.0|1.0|ja|nein|oui|non|si|sim|nao|on|off", "|")


def _as_lines(values: Sequence[str]) -> str:
    joined = "\n".join(values)
    return joined if joined.count("\n") < len(values) else "\n".join(v.replace("\n", "\r") for v in values)


_JUDGED_BY_FORM = frozenset({"SECRET", "GEO", "SWIFT_BIC", "IP_ADDRESS"})
LOOKED_FOR = frozenset(r.entity for r in RECOGNIZERS if r.pattern and (r.weight >= 0.5 or r.entity in _JUDGED_BY_FORM))
"""Types whose pattern says something by itself; the others' are tried where a header names the type."""


@functools.cache
def _patterns() -> Forms:
    return Forms({e: BY_ENTITY[e].pattern for e in sorted(LOOKED_FOR)}, lines=True)


def facts_of(column: Column, sample: int, source: Callable[[], Column] | None = None) -> Facts:
    """Measure one column on at most ``sample`` rows, evenly spread; ``source`` gives the column once more when it is asked for."""
    kind = column.kind
    counted, sampled = _counted(column, kind, sample)
    rows = len(column)
    hits = header_hits(column.name)
    pairs = _told(counted)
    distinct = len(pairs)
    filled = sum(n for _, n in pairs)
    if distinct > DISTINCT_SEEN:
        step = distinct / DISTINCT_SEEN
        pairs = [pairs[int(i * step)] for i in range(DISTINCT_SEEN)]
    values = tuple([v for v, _ in pairs])
    shapes = tuple(_as_lines(values).translate(_SHAPE).split("\n")) if values else ()
    lengths = tuple([(len(s), s.count("9")) for s in shapes])
    return Facts(
        name=column.name,
        kind=kind,
        dtype=column.dtype,
        values=values,
        texts=tuple(counted),
        counts=tuple([n for _, n in pairs]),
        rows=rows,
        cells=rows - column.null_count,
        filled=filled,
        distinct=distinct,
        sampled=sampled,
        source=source or (lambda: column),
        rows_seen=min(rows, sample),
        shapes=shapes,
        lengths=lengths,
        hits=hits,
        words=words_of(column.name),
    )


def _told(counted: Counter[str]) -> list[tuple[str, int]]:
    """The values, trimmed, with their counts, less those that only say that nothing is known."""
    bare = [*map(str.strip, counted)]
    pairs = zip(bare, counted.values(), strict=True)
    if PLACEHOLDERS.isdisjoint(map(str.casefold, bare)):
        return [*pairs]
    return [(v, n) for v, n in pairs if v.casefold() not in PLACEHOLDERS]


def _counted(column: Column, kind: Kind, sample: int) -> tuple[Counter[str], bool]:
    """Distinct values as text with their counts in the sample, in order of first sight."""
    array = column.array
    rows = len(array)
    sampled = rows > sample
    if sampled:
        array = _spread(array, sample)
    if kind in ("string", "mixed"):
        found = Counter(array.to_pylist())
    elif kind == "float":
        found = Counter(float_text(v) for v in array.to_pylist() if v is not None)
    elif kind in ("nested", "binary"):
        found = Counter(column.text.gather_every(max(1, rows // max(1, sample))).to_list())
    else:
        found = Counter(str(v) for v in array.to_pylist() if v is not None)
    found.pop(None, None)
    return found, sampled


def _spread(array: pa.ChunkedArray, sample: int) -> pa.ChunkedArray:
    import numpy as np

    return array.take(np.linspace(0, len(array) - 1, sample).astype(np.int64))


def float_text(value: float) -> str:
    """A float as people write it: ``123`` for 123.0."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
