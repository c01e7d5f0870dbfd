"""Where vectors live: in memory, in Chroma (embedded or served), in FAISS. One contract for all."""

from ._chroma import ChromaStore
from ._faiss import FaissStore
from ._memory import MemoryStore
from ._open import STORES, open_store, put_away

__all__ = ["STORES", "ChromaStore", "FaissStore", "MemoryStore", "open_store", "put_away"]
