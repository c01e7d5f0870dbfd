"""Knowledge and retrieval: documents in, passages with their scores and places out.

Why it is as it is:

- The truth is one SQLite file of documents and passages. Every index (words, vectors) is derived and made again when it
  is missing, damaged, or behind what another kernel wrote; a store therefore never holds orphans. Beside it a
  journal holds what was written, line by line: a damaged truth is made again from it, where a copy would be behind.
- What does not hold on the day (its dates, or a later version of it) keeps a quarter of its score and is marked, rather
  than left out: a question may be about it. Only who asks as of a day gets nothing but what held on that day.
- Vectors are searched exactly in memory up to 150,000 passages: nothing is faster there, a filter costs nothing, and
  importing Chroma alone takes longer than the whole first query may. Chroma and FAISS are one setting away.
- Words (BM25 on stems, with a bonus for words that stand together) and meaning (MiniLM) are fused as shares of their
  best, not as ranks: how far the best is ahead is worth knowing. Meaning is taken half from the middle of the
  collection. A passage gains from its neighbours and from its document. On questions over regulations this gives
  recall@5 .78 where BM25 has .74 and MiniLM .64; the weights were chosen on those same questions, over a broad
  plateau, so expect somewhat less on others. Widening queries by a vocabulary of governance was measured and left
  out: it gained nothing there. So was feedback from the first hits.
- What would change our mind: a larger encoder, for which the weights of the two sides have to be measured anew.
"""

from ._evaluate import Evaluation, Measured
from ._inspect import inspection
from ._knowledge_base import MODES, Ingested, KnowledgeBase
from ._protocols import Encoder, Reranker, VectorStore
from ._system import AgentKnowledgeManager, RAGSystem, filter_of, shipped_knowledge
from .parsers import parse_text

__all__ = [
    "MODES",
    "AgentKnowledgeManager",
    "Encoder",
    "Evaluation",
    "Ingested",
    "KnowledgeBase",
    "Measured",
    "RAGSystem",
    "Reranker",
    "VectorStore",
    "filter_of",
    "inspection",
    "parse_text",
    "shipped_knowledge",
]
