"""YAML text in one style."""

from __future__ import annotations

from typing import Any

import yaml

from ...values import plain


def dump(data: Any) -> str:
    r"""Plain data as YAML, keys in order.

    >>> dump({"b": 1, "a": ["x"]})
    'b: 1\na:\n- x\n'
    """
    return str(yaml.safe_dump(plain(data), sort_keys=False, allow_unicode=True, width=120, default_flow_style=False))
