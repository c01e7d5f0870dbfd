"""Capabilities as LangChain tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from ..capabilities import CapabilitySpec, OptionSpec, spec_of

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from ._base import BaseAgent

_FINDINGS = 20


def tools_of(agent: BaseAgent) -> list[BaseTool]:
    """One tool per capability of the agent; it answers with summary and findings, never with cell values."""
    from langchain_core.tools import StructuredTool

    out: list[BaseTool] = []
    for capability in agent.capabilities:
        spec = spec_of(capability)
        out.append(
            StructuredTool.from_function(
                coroutine=_call(agent, spec),
                name=capability.value,
                description=f"{spec.summary[0].upper()}{spec.summary[1:]}. Give the name of a dataset of this session.",
                args_schema=_schema(spec),
            )
        )
    return out


def _call(agent: BaseAgent, spec: CapabilitySpec) -> Callable[..., Any]:
    async def call(dataset: str, **options: Any) -> str:
        ref = agent.runtime.datasets.named(dataset)
        given = {k: v for k, v in options.items() if v is not None}
        result = await agent.execute_capability(spec.capability, {"dataset": ref, "options": given})
        findings = [{"id": f.id, "severity": f.severity.value, "message": f.message, "rows": f.count} for f in result.findings[:_FINDINGS]]
        return json.dumps({"status": result.status.value, "summary": result.summary, "findings": findings}, ensure_ascii=False)

    return call


def _schema(spec: CapabilitySpec) -> Any:
    from pydantic import Field, create_model

    fields: dict[str, Any] = {"dataset": (str, Field(description="name of a dataset of this session"))}
    for option in spec.options:
        fields[option.name] = (_type(option) | None, Field(default=None, description=option.help))
    return create_model(f"{spec.verb.capitalize()}Arguments", **fields)


def _type(option: OptionSpec) -> Any:
    if option.choices:
        return Literal[option.choices]
    kinds: dict[str, Any] = {"flag": bool, "integer": int, "number": float, "text": str, "list": list[str]}
    return kinds.get(option.shape, dict[str, Any])
