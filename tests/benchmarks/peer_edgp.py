"""edgp_magics in the peers' harness: ``prepare(path)``, ``checks(data)``, ``checks_rows(data)``, ``assess(data)``.

Copy or link this file beside the harness, or put this folder and the harness's on ``PYTHONPATH``. ``prepare_pandas``
style tasks (``checks_pandas``, ...) start from a pandas frame and pay for the conversion.
"""

from __future__ import annotations

from typing import Any

from edgp_magics.capabilities.checks import Rule, run_rules
from edgp_magics.frames import as_frame
from edgp_magics.values import Context

PKGS = ["edgp_magics"]
_COMPARED = {"mean": "mean", "n_distinct": "distinct"}


def prepare(path: str) -> Any:
    import polars as pl

    return pl.read_parquet(path)


def prepare_pandas(path: str) -> Any:
    import pandas as pd

    return pd.read_parquet(path)


def prepare_arrow(path: str) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(path)


prepare_checks_pandas = prepare_checks_rows_pandas = prepare_assess_pandas = prepare_profile_pandas = prepare_pandas
prepare_checks_arrow = prepare_checks_rows_arrow = prepare_assess_arrow = prepare_profile_arrow = prepare_arrow


def rule_of(check: dict[str, Any]) -> Rule:
    """One of the forty checks of the peers' specification as a rule."""
    kind, column = check["kind"], check.get("col")
    if kind in ("not_null", "unique"):
        return Rule.of(kind, column)
    if kind == "unique_combo":
        return Rule.of("unique_combo", check["cols"])
    if kind == "regex":
        return Rule.of("regex", column, pattern=check["rx"])
    if kind == "in_set":
        return Rule.of("in_set", column, values=check["values"])
    if kind in ("range", "length"):
        return Rule.of(kind, column, min=check["lo"], max=check["hi"])
    if kind == "pair":
        return Rule.of("pair", (check["a"], check["b"]), op=check["op"])
    if kind == "cond":
        name, value = check["when"]
        return Rule.of("conditional", (name, column), when=f"{name} = '{value}'", then=f"{column} <= {check['hi']}")
    if kind == "row_count":
        return Rule.of("row_count", min=check["lo"], max=check["hi"])
    return Rule.of("aggregate", column, function=_COMPARED[kind], min=check["lo"], max=check["hi"])


def _rules() -> list[Rule]:
    from spec import CHECKS

    return [rule_of(c) for c in CHECKS]


def checks(data: Any) -> dict[str, int]:
    outcomes = run_rules(as_frame(data, name="customers"), _rules(), Context())
    return {f"c{i + 1:02d}": o.failing for i, o in enumerate(outcomes)}


def checks_rows(data: Any) -> dict[str, int]:
    """Every failing row and the cell table."""
    from edgp_magics.capabilities.checks import cell_table

    frame = as_frame(data, name="customers")
    outcomes = run_rules(frame, _rules(), Context())
    rows = {f"c{i + 1:02d}": len(o.rows) if o.rule.row_level else o.failing for i, o in enumerate(outcomes)}
    return rows | {"rows_listed": len(cell_table(frame, outcomes))}


def assess(data: Any) -> dict[str, float]:
    from edgp_magics.capabilities._assess import assess_quality

    result = assess_quality(as_frame(data, name="customers"), Context())
    return {"score": result.score or 0.0, "checks": len(result.checks), "cells": len(result.cells)}


checks_pandas = checks_arrow = checks
checks_rows_pandas = checks_rows_arrow = checks_rows
assess_pandas = assess_arrow = assess
