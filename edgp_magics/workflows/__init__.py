"""Workflows: the order of agent calls as LangGraph graphs, with approvals, checkpoints and partial results."""

from ._describe import described
from ._log import Checkpoint, KeptRun, checkpoints, forget_run, history_view, runs, runs_view
from ._nodes import Approval, WorkflowContext
from ._picture import svg_of as picture_of
from ._registry import WORKFLOWS, Workflow, register_workflow, workflow_of
from ._result import Step, WorkflowRun
from ._routing import (
    approval_router,
    drift_router,
    plan_router,
    privacy_router,
    quality_check_router,
    remediation_router,
)
from ._run import arun_workflow, look_at, resume_workflow, run_workflow
from ._state import WorkflowState

__all__ = [
    "WORKFLOWS",
    "Approval",
    "Checkpoint",
    "KeptRun",
    "Step",
    "Workflow",
    "WorkflowContext",
    "WorkflowRun",
    "WorkflowState",
    "approval_router",
    "arun_workflow",
    "checkpoints",
    "described",
    "drift_router",
    "forget_run",
    "history_view",
    "look_at",
    "picture_of",
    "plan_router",
    "privacy_router",
    "quality_check_router",
    "register_workflow",
    "remediation_router",
    "resume_workflow",
    "run_workflow",
    "runs",
    "runs_view",
    "workflow_of",
]
