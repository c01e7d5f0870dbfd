"""From handles back to frames: what graph state and messages carry is resolved here."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from ..errors import DataNotFound, FrameChanged, UnknownName
from ..values import DatasetRef
from ._frame import Frame
from ._recognise import as_frame

_KEPT = 32


class DatasetRegistry:
    """Frames by fingerprint, the most recently used 32 of them; safe across threads.

    >>> import pandas as pd
    >>> registry = DatasetRegistry()
    >>> ref = registry.add(pd.DataFrame({"a": [1]}), name="t")
    >>> registry.frame(ref).shape
    (1, 1)
    """

    def __init__(self) -> None:
        self._frames: OrderedDict[tuple[str, str], Frame] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, data: Any, *, name: str | None = None) -> DatasetRef:
        """Register data (or a frame) and return its handle."""
        frame = as_frame(data, name=name)
        ref = frame.ref
        with self._lock:
            self._frames[ref.name, ref.fingerprint] = frame
            self._frames.move_to_end((ref.name, ref.fingerprint))
            while len(self._frames) > _KEPT:
                self._frames.popitem(last=False)
        return ref

    def frame(self, ref: DatasetRef) -> Frame:
        """The frame behind a handle; a frame of that name with other content raises :class:`FrameChanged`."""
        with self._lock:
            found = self._frames.get((ref.name, ref.fingerprint)) or next(
                (f for (_, mark), f in self._frames.items() if mark == ref.fingerprint), None
            )
            if found is not None:
                return found
            changed = any(name == ref.name for name, _ in self._frames)
        if changed:
            raise FrameChanged(
                f"`{ref.name}` is not the table this run was made for.",
                hint=f"It had {ref.rows:,} rows and fingerprint {ref.fingerprint[:12]}; give that table with data=.",
            )
        raise DataNotFound(f"the data of `{ref.name}` is not in this kernel.", hint="Load it again and give it with data=.", name=ref.name)

    def named(self, name: str) -> DatasetRef:
        """The handle of the dataset last registered under this name."""
        with self._lock:
            frames = {known: frame for (known, _), frame in self._frames.items()}
        if name not in frames:
            raise UnknownName("dataset", name, known=frames)
        return frames[name].ref

    def refs(self) -> list[DatasetRef]:
        """Handles of all registered datasets, oldest first."""
        with self._lock:
            frames = list(self._frames.values())
        return [f.ref for f in frames]

    def __len__(self) -> int:
        return len(self._frames)
