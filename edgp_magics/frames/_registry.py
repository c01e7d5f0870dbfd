"""Handles and the frames behind them, as far as somebody still has the data."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DataNotFound, FrameChanged, UnknownName
from ..values import DatasetRef
from ._frame import Frame
from ._recognise import as_frame

_KEPT = 256


@dataclass
class _Known:
    """A handle, what it was made from (while the user has it), and its frame (while a run has it)."""

    ref: DatasetRef
    source: Callable[[], Any]
    frame: Callable[[], Frame | None]


class DatasetRegistry:
    """Handles by name and fingerprint, the most recently used 256 of them; safe across threads.

    It owns no table: a table that the user deletes is gone, and its memory with it. Who needs one for longer holds its
    frame, as a run does and a workflow that waits for an answer. A file is read again.

    >>> import pandas as pd
    >>> registry, table = DatasetRegistry(), pd.DataFrame({"a": [1]})
    >>> ref = registry.add(table, name="t")
    >>> registry.frame(ref).shape
    (1, 1)
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, data: Any, *, name: str | None = None) -> DatasetRef:
        """Register data (or a frame) and return its handle."""
        return self.hold(data, name=name).ref

    def hold(self, data: Any, *, name: str | None = None) -> Frame:
        """Register data and return its frame, which the handle finds for as long as the caller has it."""
        frame = as_frame(data, name=name)
        ref = frame.ref
        key = ref.name, ref.fingerprint
        source = _weak(frame.native if isinstance(data, Frame) else data)
        with self._lock:
            self._known[key] = _Known(ref, source, weakref.ref(frame))
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return frame

    def frame(self, ref: DatasetRef) -> Frame:
        """The frame behind a handle; a frame of that name with other content raises :class:`FrameChanged`."""
        with self._lock:
            same = [k for k in reversed(self._known.values()) if k.ref.fingerprint == ref.fingerprint]
            changed = any(k.ref.name == ref.name and k.source() is not None for k in self._known.values() if k not in same)
        for known in sorted(same, key=lambda k: k.ref.name != ref.name):
            found = _found(known)
            if found is not None and found.fingerprint == ref.fingerprint:
                known.frame = weakref.ref(found)
                return found
            changed = changed or found is not None
        if changed:
            raise FrameChanged(
                f"`{ref.name}` is not the table this run was made for.",
                hint=f"It had {ref.rows:,} rows and fingerprint {ref.fingerprint[:12]}; give that table with data=.",
            )
        raise DataNotFound(
            f"the data of `{ref.name}` is not in this kernel, or no longer.", hint="Load it again and give it with data=.", name=ref.name
        )

    def named(self, name: str) -> DatasetRef:
        """The handle of the dataset last registered under this name."""
        refs = {ref.name: ref for ref in self.refs()}
        if name not in refs:
            raise UnknownName("dataset", name, known=refs)
        return refs[name]

    def refs(self) -> list[DatasetRef]:
        """Handles of all registered datasets, oldest first."""
        with self._lock:
            return [k.ref for k in self._known.values()]

    def __len__(self) -> int:
        """How many of them still have their data."""
        with self._lock:
            return sum(k.source() is not None or k.frame() is not None for k in self._known.values())


def _found(known: _Known) -> Frame | None:
    """The frame while one is in use, else a new one of what the user still has."""
    frame = known.frame()
    if frame is not None:
        return frame
    source = known.source()
    return None if source is None else as_frame(source, name=known.ref.name)


def _weak(source: Any) -> Callable[[], Any]:
    """A way to the object that does not keep it; a path is kept, being small."""
    return (lambda: source) if isinstance(source, (str, Path)) else weakref.ref(source)
