"""A pandas frame that holds raw values and shows them masked."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...values import mask

if TYPE_CHECKING:
    import pandas as pd


def masked_frame(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """``frame`` with these columns masked where it is printed or displayed, also after rows are picked; its cells stay raw.

    >>> import pandas as pd
    >>> cells = masked_frame(pd.DataFrame({"row": [3], "value": ["Alice"]}), ["value"])
    >>> print(cells)
       row  value
    0    3  Axxxx
    >>> cells["value"][0]
    'Alice'
    """
    out = _class()(frame)
    out.attrs["masked"] = tuple(columns)
    return out


@functools.cache
def _class() -> type[pd.DataFrame]:
    """Made on first use: pandas is loaded when a frame is asked for, not before."""
    import pandas as pd

    class MaskedFrame(pd.DataFrame):
        @property
        def _constructor(self) -> Any:
            return MaskedFrame

        def _shown(self) -> pd.DataFrame:
            shown = pd.DataFrame(self).copy()
            for name in self.attrs.get("masked", ()):
                if name in shown.columns:
                    shown[name] = [None if value is None else mask(value) for value in self[name]]
            return shown

        def __repr__(self) -> str:
            return repr(self._shown())

        def _repr_html_(self) -> str | None:
            return self._shown()._repr_html_()  # type: ignore[no-any-return, operator]  # pandas' own hook for notebooks

    return MaskedFrame
