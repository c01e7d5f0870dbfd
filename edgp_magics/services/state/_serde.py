"""What a checkpoint may hold: plain data and LangGraph's own values. Written and read without pickle or code."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from ...errors import GovernanceError, WorkflowError
from ...values import DatasetRef, plain
from ._damaged import Damaged

_AS_IT_IS = (str, int, float, bool, bytes, type(None))


class StrictSerializer(JsonPlusSerializer):
    """Msgpack for plain data; on loading, only types known to be harmless are rebuilt.

    Numpy and pandas scalars become Python's, words their value, handles dicts; a table or array is refused, and of an
    error that is not ours only the type is kept, because its text may quote a cell.
    """

    def __init__(self) -> None:
        super().__init__(pickle_fallback=False, allowed_json_modules=None, allowed_msgpack_modules=None)

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """``obj`` as type and bytes, or :class:`WorkflowError` when it cannot be kept."""
        try:
            return super().dumps_typed(normal(obj))
        except (TypeError, ValueError) as error:  # MsgpackEncodeError is a TypeError
            raise WorkflowError(f"the state of a workflow cannot keep this: {error}.", hint="Keep plain data and handles in it.") from None

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The value, or :class:`Damaged` where its bytes are no value."""
        try:
            return super().loads_typed(data)
        except (ValueError, TypeError, KeyError, IndexError):  # ormsgpack's and json's own errors are ValueErrors
            return Damaged()


def normal(value: Any) -> Any:
    """``value`` with everything in it that msgpack knows under another name.

    >>> normal({"status": dt.date(2026, 1, 2), "n": (1, 2)})
    {'status': datetime.date(2026, 1, 2), 'n': (1, 2)}
    """
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is dict:
        return {normal(k): normal(v) for k, v in value.items()}
    if kind in (list, tuple, set, frozenset):
        return kind(normal(v) for v in value)
    if isinstance(value, Enum):
        return normal(value.value)
    if isinstance(value, DatasetRef):
        return plain(value)
    if isinstance(value, BaseException):
        return str(value) if isinstance(value, GovernanceError) else kind.__name__
    return _normal_foreign(value)


def _normal_foreign(value: Any) -> Any:
    """Scalars and tables of numpy, pandas, polars and Arrow, told by what they can do, so that none of them is imported."""
    shape = getattr(value, "shape", None)
    if shape == () and hasattr(value, "item"):
        return normal(value.item())
    if shape is not None or any(
        hasattr(value, door) for door in ("__dataframe__", "__arrow_c_stream__", "__arrow_c_array__", "to_arrow_table")
    ):
        raise WorkflowError(
            f"the state of a workflow cannot keep a {type(value).__name__}.",
            hint="Register the table; the state keeps its handle (DatasetRef).",
            type=type(value).__name__,
        )
    if type(value).__module__.partition(".")[0] == "pandas":
        return _normal_pandas(value)
    return value


def _normal_pandas(value: Any) -> Any:
    name = type(value).__name__
    if name in ("NAType", "NaTType"):
        return None
    if isinstance(value, dt.datetime):
        return dt.datetime.fromisoformat(value.isoformat(timespec="microseconds"))
    if isinstance(value, dt.timedelta):
        return dt.timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)
    return str(value)
