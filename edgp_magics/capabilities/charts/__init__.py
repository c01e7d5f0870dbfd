"""Charts as values: a Vega-Lite specification, a static SVG and the same in words."""

from ._chart import Chart, bars, columns, heat

__all__ = ["Chart", "bars", "columns", "heat"]
