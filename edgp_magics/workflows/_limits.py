"""Time limit and further tries of steps, laid on a compiled graph; what the graph itself says comes first.

Every step of any graph is tried again where its failure may pass by itself (a lost connection, a busy file), unless the node
has a policy of its own. A resume runs a failed step again anyway, so that this asks nothing new of a node.

Of a graph of the user's, nodes that are ``async`` functions get the time limit. Not limited are plain functions (they run in
a thread, which nothing can stop: the limit would name them failed while they go on), other runnables, and nodes that hold
a graph of their own, whose steps may wait for a person. Ours have their limit inside (``_nodes.limited``).
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

_PASSING = {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ETIMEDOUT, errno.ENETUNREACH, errno.EHOSTUNREACH}


def limited_graph(compiled: Any, settings: Mapping[str, Any], *, own: bool) -> Any:
    """A copy of a compiled graph with the limits of the settings; the given one stays as it is."""
    from langgraph.types import RetryPolicy, TimeoutPolicy

    tries = RetryPolicy(initial_interval=0.1, max_attempts=1 + int(settings["retries"]), jitter=False, retry_on=worth_another_try)
    update: dict[str, Any] = {} if compiled.retry_policy else {"retry_policy": (tries,)}
    if not own:
        limit = TimeoutPolicy(run_timeout=float(settings["timeout"]))
        update["nodes"] = {n: node.copy({"timeout": limit}) if _can_be_limited(node) else node for n, node in compiled.nodes.items()}
    return compiled.copy(update)


def _can_be_limited(node: Any) -> bool:
    """Whether a node is an ``async`` function alone; of a plain one LangGraph keeps the function beside its wrapping in a thread."""
    alone = hasattr(node.bound, "afunc") and node.bound.func is None
    return node.timeout is None and not node.subgraphs and alone


def worth_another_try(error: Exception) -> bool:
    """Whether a failure may pass by itself: connections, timeouts of others and busy files; never a mistake or a bad table.

    >>> worth_another_try(ConnectionResetError()), worth_another_try(ValueError()), worth_another_try(FileNotFoundError())
    (True, False, False)
    """
    if isinstance(error, (ConnectionError, TimeoutError)):
        return True
    return isinstance(error, OSError) and error.errno in _PASSING
