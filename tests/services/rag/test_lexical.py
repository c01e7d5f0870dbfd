"""BM25 as bm25s computes it, with a bonus for words that stand together."""

from __future__ import annotations

import numpy as np
import pytest

from edgp_magics.services.rag._lexical import K1, B, LexicalIndex
from edgp_magics.services.rag._words import fold, matches, terms

TEXTS = [
    "Personal data are erased after two years; personal files, too.",
    "Card numbers are masked in every log.",
    "Each table has an owner who reviews access to personal data.",
    "",
    "Data data data.",
]


def index(texts: list[str] = TEXTS) -> LexicalIndex:
    built = LexicalIndex()
    built.add(texts)
    return built


@pytest.mark.parametrize(
    "query", ["personal data", "Who reviews the owner's access?", "masked card number logs", "nothing of this", "data"]
)
def test_scores_are_those_of_bm25s(query: str) -> None:
    bm25s = pytest.importorskip("bm25s")
    corpus = [terms(t) for t in TEXTS]
    oracle = bm25s.BM25(method="lucene", k1=K1, b=B)
    oracle.index(corpus, show_progress=False)
    wanted = (
        oracle.get_scores([t for t in terms(query) if t in oracle.vocab_dict]) if any(t in oracle.vocab_dict for t in terms(query)) else 0
    )
    # bm25s leaves out the constant factor k1 + 1, which changes no ranking
    assert np.allclose(index().scores(query), np.asarray(wanted) * (K1 + 1), atol=1e-4)


def test_words_that_stand_together_are_worth_more() -> None:
    built = index(["data of a personal kind and a subject far away from all of these words", "personal data subject", "subject"])
    bonus = built.together("personal data subject", [0, 1, 2])
    assert bonus[1] > bonus[0] >= bonus[2] == 0
    assert built.together("personal", [0, 1]).tolist() == [0, 0]
    assert built.together("personal data", []).tolist() == []
    assert built.together("data data", [0]).tolist() == [0]


def test_keeping_some_and_restoring_give_the_same_scores() -> None:
    built = index()
    again = LexicalIndex.restore(built.arrays())
    assert np.allclose(again.scores("personal data"), built.scores("personal data"))
    built.keep([0, 2])
    assert np.allclose(built.scores("personal data"), index([TEXTS[0], TEXTS[2]]).scores("personal data"))
    built.add(["new data"])
    assert len(built) == 3 and built.scores("new")[2] > 0


def test_an_empty_index_scores_nothing() -> None:
    assert LexicalIndex().scores("anything").tolist() == []
    assert LexicalIndex.restore(LexicalIndex().arrays()).scores("x").tolist() == []


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("It was Retained, retaining!", ["retain"], ["Retained", "retaining"]),
        ("Rule 12.3.1 and 12.3", ["12.3.1"], ["12.3.1"]),
        ("İstanbul keeps data", ["data"], ["data"]),
        ("ﬁle of data", ["data"], ["data"]),
        ("", ["data"], []),
    ],
)
def test_marks_fall_on_the_words(text: str, wanted: list[str], found: list[str]) -> None:
    assert [text[a:b] for a, b in matches(text, wanted)] == found


@pytest.mark.parametrize(("text", "folded"), [("DATA", "data"), ("Straße", "straße"), ("Ｆｕｌｌ", "full")])
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded
