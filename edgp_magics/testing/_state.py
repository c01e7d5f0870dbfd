"""The contract of a workflow store: subclass it, give it a ``settings`` fixture that names yours, and pytest runs it."""

from __future__ import annotations

import asyncio
import datetime as dt
import operator
import uuid
from typing import Annotated, Any, TypedDict

import pytest

from ..errors import WorkflowError
from ..infrastructure import Settings
from ..services.state import open_checkpointer
from ..values import DatasetRef, Severity

REF = DatasetRef(name="orders", fingerprint="f" * 32, rows=3, columns=("id", "email"))


class Steps(TypedDict, total=False):
    """The state of the graphs below."""

    data: dict[str, Any]
    log: Annotated[list[str], operator.add]
    value: Any


def thread(name: str | None = None) -> dict[str, Any]:
    """A config with a thread of its own."""
    return {"configurable": {"thread_id": name or f"t-{uuid.uuid4().hex}"}}


def _config(config: dict[str, Any]) -> Any:
    """The same, as LangGraph types it."""
    return config


def writer(name: str, value: Any = None) -> Any:
    """A node that logs its name, and sets a value where given."""

    async def node(state: Steps) -> dict[str, Any]:
        return {"log": [name]} if value is None else {"log": [name], "value": value}

    return node


def chain(saver: Any, **nodes: Any) -> Any:
    """The nodes one after the other, compiled with the saver."""
    from langgraph.graph import END, START, StateGraph

    graph: Any = StateGraph(Steps)
    previous = START
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(previous, name)
        previous = name
    graph.add_edge(previous, END)
    return graph.compile(checkpointer=saver)


class StateContract:
    """What every store keeps; needs a fixture ``settings`` that names it."""

    keeps_after_closing = True

    async def test_a_run_is_kept_step_by_step(self, settings: Settings) -> None:
        async with open_checkpointer(settings) as saver:
            graph, config = chain(saver, a=writer("a"), b=writer("b")), thread()
            await graph.ainvoke({"data": {"name": "orders"}, "log": []}, config)
            history = [s async for s in graph.aget_state_history(config)]
        assert [s.values.get("log") for s in history] == [["a", "b"], ["a"], [], None] or [
            len(s.values.get("log", [])) for s in history
        ] == [2, 1, 0, 0]
        assert history[0].values["data"] == {"name": "orders"}
        assert history[0].next == ()

    async def test_threads_do_not_mix(self, settings: Settings) -> None:
        async with open_checkpointer(settings) as saver:
            one, two = thread(), thread()
            await asyncio.gather(*(chain(saver, a=writer(n)).ainvoke({"log": []}, c) for n, c in (("1", one), ("2", two))))
            graph = chain(saver, a=writer("x"))
            assert (await graph.aget_state(one)).values["log"] == ["1"]
            assert (await graph.aget_state(two)).values["log"] == ["2"]
            await saver.adelete_thread(one["configurable"]["thread_id"])
            assert (await graph.aget_state(one)).values == {}
            assert (await graph.aget_state(two)).values["log"] == ["2"]

    async def test_awkward_names_of_threads(self, settings: Settings) -> None:
        async with open_checkpointer(settings) as saver:
            graph = chain(saver, a=writer("a"))
            names = [f"{uuid.uuid4().hex} {n}" for n in ("a:b", "a:b:c", "ü/😀", "*", "{x}", "'; DROP TABLE checkpoints; --", "a\x1fb")]
            for name in names:
                await graph.ainvoke({"log": [name]}, thread(name))
            for name in names:
                assert (await graph.aget_state(thread(name))).values["log"] == [name, "a"]
                await saver.adelete_thread(name)
                assert (await graph.aget_state(thread(name))).values == {}

    async def test_an_approval_waits_and_is_answered_once(self, settings: Settings) -> None:
        from langgraph.types import Command, interrupt

        done: list[str] = []

        async def ask(state: Steps) -> dict[str, Any]:
            return {"value": interrupt({"plan": ["A-1", "A-2"]})}

        async def act(state: Steps) -> dict[str, Any]:
            done.append(state["value"])
            return {"log": ["act"]}

        config = thread()
        async with open_checkpointer(settings) as saver:
            graph = chain(saver, a=writer("a"), ask=ask, act=act)
            await graph.ainvoke({"log": []}, config)
            state = await graph.aget_state(config)
            assert (state.next, [i.value for i in state.interrupts]) == (("ask",), [{"plan": ["A-1", "A-2"]}])
            if not self.keeps_after_closing:
                await graph.ainvoke(Command(resume="yes"), config)
        if self.keeps_after_closing:  # the kernel was restarted in between
            async with open_checkpointer(settings) as saver:
                await chain(saver, a=writer("never"), ask=ask, act=act).ainvoke(Command(resume="yes"), config)
        assert done == ["yes"]

    async def test_parallel_approvals_are_answered_by_id(self, settings: Settings) -> None:
        from langgraph.graph import START, StateGraph
        from langgraph.types import Command, interrupt

        def asks(name: str) -> Any:
            async def node(state: Steps) -> dict[str, Any]:
                return {"log": [f"{name}={interrupt(name)}"]}

            return node

        async with open_checkpointer(settings) as saver:
            builder: Any = StateGraph(Steps)
            for name in ("a", "b"):
                builder.add_node(name, asks(name))
                builder.add_edge(START, name)
            graph, config = builder.compile(checkpointer=saver), thread()
            await graph.ainvoke({"log": []}, config)
            waiting = {i.value: i.id for i in (await graph.aget_state(config)).interrupts}
            await graph.ainvoke(Command(resume={waiting["b"]: "no", waiting["a"]: "yes"}), config)
            assert sorted((await graph.aget_state(config)).values["log"]) == ["a=yes", "b=no"]

    @pytest.mark.parametrize("broken", ["a", "b", "c"])
    async def test_after_a_crash_no_finished_node_runs_again(self, settings: Settings, broken: str) -> None:
        ran: list[str] = []
        crash = True

        def node(name: str) -> Any:
            async def run(state: Steps) -> dict[str, Any]:
                if crash and name == broken:
                    raise OSError("crash")
                ran.append(name)
                return {"log": [name]}

            return run

        async with open_checkpointer(settings) as saver:
            graph, config = chain(saver, a=node("a"), b=node("b"), c=node("c")), thread()
            with pytest.raises(OSError, match="crash"):
                await graph.ainvoke({"log": []}, config, durability="sync")
            crash = False
            await graph.ainvoke(None, config)
        assert ran == ["a", "b", "c"]

    async def test_parallel_work_that_was_done_is_kept(self, settings: Settings) -> None:
        from langgraph.graph import START, StateGraph

        ran: list[str] = []
        crash = True

        async def good(state: Steps) -> dict[str, Any]:
            ran.append("good")
            return {"log": ["good"]}

        async def bad(state: Steps) -> dict[str, Any]:
            await asyncio.sleep(0.05)
            if crash:
                raise OSError("crash")
            ran.append("bad")
            return {"log": ["bad"]}

        async with open_checkpointer(settings) as saver:
            builder: Any = StateGraph(Steps)
            for name, node in (("good", good), ("bad", bad)):
                builder.add_node(name, node)
                builder.add_edge(START, name)
            graph, config = builder.compile(checkpointer=saver), thread()
            with pytest.raises(OSError, match="crash"):
                await graph.ainvoke({"log": []}, config)
            crash = False
            out = await graph.ainvoke(None, config)
        assert ran == ["good", "bad"]
        assert sorted(out["log"]) == ["bad", "good"]

    async def test_one_may_go_back_and_take_another_way(self, settings: Settings) -> None:
        async with open_checkpointer(settings) as saver:
            graph, config = chain(saver, a=writer("a"), b=writer("b"), c=writer("c")), thread()
            await graph.ainvoke({"log": []}, config)
            before = next(s for s in [s async for s in graph.aget_state_history(config)] if s.next == ("b",))
            fork = await graph.aupdate_state(before.config, {"log": ["changed"]})
            out = await graph.ainvoke(None, fork)
            assert out["log"] == ["a", "changed", "b", "c"]
            listed = [c async for c in saver.alist(_config(config), limit=3)]
            assert len(listed) == 3
            ids = [c.checkpoint["id"] for c in listed]
            assert ids == sorted(ids, reverse=True)
            older = [c.checkpoint["id"] async for c in saver.alist(_config(config), before=listed[-1].config)]
            assert older
            assert max(older) < ids[-1]
            sources = {c.metadata["source"] async for c in saver.alist(_config(config), filter={"source": "update"})}
            assert sources == {"update"}

    async def test_the_whole_list_has_every_thread(self, settings: Settings) -> None:
        async with open_checkpointer(settings) as saver:
            names = {f"t-{uuid.uuid4().hex}" for _ in range(3)}
            for name in names:
                await chain(saver, a=writer("a")).ainvoke({"log": []}, thread(name))
            found = {c.config["configurable"]["thread_id"] async for c in saver.alist(None)}
            assert names <= found

    async def test_scalars_of_numpy_and_pandas_come_back_plain(self, settings: Settings) -> None:
        import numpy as np
        import pandas as pd

        given = {
            "i": np.int64(3),
            "f": np.float64(0.5),
            "b": np.bool_(True),
            "na": pd.NA,
            "nat": pd.NaT,
            "when": pd.Timestamp("2026-01-02 03:04:05.000006"),
            "lag": pd.Timedelta(days=1, seconds=2),
            "word": Severity.HIGH,
            "ref": REF,
            "list": [np.int32(1), (np.float32(2), None)],
            "day": dt.date(2026, 1, 2),
        }
        async with open_checkpointer(settings) as saver:
            graph, config = chain(saver, a=writer("a", given)), thread()
            await graph.ainvoke({"log": []}, config)
            value = (await graph.aget_state(config)).values["value"]
        kinds = {k: type(v) for k, v in value.items() if k in ("i", "f", "b", "when", "lag", "word")}
        assert kinds == {"i": int, "f": float, "b": bool, "when": dt.datetime, "lag": dt.timedelta, "word": str}
        assert (value["na"], value["nat"], value["ref"]["columns"], value["day"]) == (None, None, ["id", "email"], dt.date(2026, 1, 2))
        assert value["when"] == dt.datetime(2026, 1, 2, 3, 4, 5, 6)
        assert value["lag"] == dt.timedelta(days=1, seconds=2)

    @pytest.mark.parametrize("kind", ["pandas", "series", "polars", "arrow", "numpy", "nested"])
    async def test_a_table_is_refused_and_the_run_stays_whole(self, settings: Settings, kind: str) -> None:
        import numpy as np
        import pandas as pd
        import polars as pl
        import pyarrow as pa

        frame = pd.DataFrame({"email": ["canary@example.org"]})
        given = {
            "pandas": frame,
            "series": frame["email"],
            "polars": pl.DataFrame({"a": [1]}),
            "arrow": pa.table({"a": [1]}),
            "numpy": np.arange(3),
            "nested": {"deep": [{"x": frame}]},
        }
        async with open_checkpointer(settings) as saver:
            graph, config = chain(saver, a=writer("a"), b=writer("b", given[kind])), thread()
            with pytest.raises(WorkflowError, match="handle"):
                await graph.ainvoke({"log": []}, config, durability="sync")
            state = await graph.aget_state(config)
            assert state.values["log"] == ["a"]
            assert state.next == ("b",)

    async def test_the_text_of_foreign_errors_is_not_kept(self, settings: Settings) -> None:
        async def fails(state: Steps) -> dict[str, Any]:
            raise ValueError("could not convert 'canary-value'")

        async with open_checkpointer(settings) as saver:
            graph, config = chain(saver, a=fails), thread()
            with pytest.raises(ValueError, match="canary"):
                await graph.ainvoke({"log": []}, config, durability="sync")
            kept = [c async for c in saver.alist(_config(config))]
        assert any("ValueError" in repr(c.pending_writes) for c in kept)
        assert "canary" not in repr(kept)

    async def test_many_runs_at_once(self, settings: Settings) -> None:
        async with open_checkpointer(settings) as saver:
            graph = chain(saver, a=writer("a"), b=writer("b"))
            configs = [thread() for _ in range(40)]
            await asyncio.wait_for(asyncio.gather(*(graph.ainvoke({"log": []}, c) for c in configs)), 60)
            logs = [(await graph.aget_state(c)).values["log"] for c in configs]
        assert logs == [["a", "b"]] * 40

    async def test_two_stores_at_once_are_one(self, settings: Settings) -> None:
        if not self.keeps_after_closing:
            pytest.skip("each memory is its own")
        config = thread()
        async with open_checkpointer(settings) as one, open_checkpointer(settings) as two:
            await chain(one, a=writer("a")).ainvoke({"log": []}, config)
            assert (await chain(two, a=writer("a")).aget_state(config)).values["log"] == ["a"]
            configs = [thread() for _ in range(20)]
            await asyncio.gather(
                *(chain(s, a=writer("a"), b=writer("b")).ainvoke({"log": []}, c) for c in configs for s in [one if id(c) % 2 else two])
            )
            for c in configs:
                assert (await chain(one, a=writer("a"), b=writer("b")).aget_state(c)).values["log"] == ["a", "b"]
