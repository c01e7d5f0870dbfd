"""Widgets: thin views over values; the static output always comes first."""

from ._approval import RunApproval
from ._inspector import Inspector
from ._monitor import LiveMonitor
from ._review import PlanReview

__all__ = ["Inspector", "LiveMonitor", "PlanReview", "RunApproval"]
