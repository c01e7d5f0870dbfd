"""Finding anomalies: rows by an ensemble of distances and densities, cells one by one, points in time series."""

from ._cells import odd_cells
from ._ensemble import MINIMUM_ROWS, Scored, score_rows
from ._features import Feature, Features, features_of
from ._reasons import ColumnReason, RowReasons, reasons_of
from ._series import SeriesPoint, find_points, time_axis
from ._threshold import alarm_threshold

__all__ = [
    "MINIMUM_ROWS",
    "ColumnReason",
    "Feature",
    "Features",
    "RowReasons",
    "Scored",
    "SeriesPoint",
    "alarm_threshold",
    "features_of",
    "find_points",
    "odd_cells",
    "reasons_of",
    "score_rows",
    "time_axis",
]
