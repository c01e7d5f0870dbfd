"""Finding anomalies: rows by an ensemble of distances and densities, cells one by one, points in time series."""

from ._axis import TimeAxis, time_axis
from ._cells import odd_cells
from ._ensemble import MINIMUM_ROWS, Scored, score_rows
from ._features import Feature, Features, features_of
from ._reasons import ColumnReason, RowReasons, reasons_of
from ._series import SeriesPoint, SeriesReading, read_series
from ._threshold import alarm_threshold

__all__ = [
    "MINIMUM_ROWS",
    "ColumnReason",
    "Feature",
    "Features",
    "RowReasons",
    "Scored",
    "SeriesPoint",
    "SeriesReading",
    "TimeAxis",
    "alarm_threshold",
    "features_of",
    "odd_cells",
    "read_series",
    "reasons_of",
    "score_rows",
    "time_axis",
]
