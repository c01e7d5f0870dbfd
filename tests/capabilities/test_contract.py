"""What every capability promises, whatever it does: tested over all of them and over awkward tables."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import edgp_magics as edgp
from edgp_magics.capabilities import CAPABILITIES
from edgp_magics.frames import as_frame
from edgp_magics.values import Result

VERBS = [s.verb for s in CAPABILITIES.values()]
HOSTILE = [
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "😀🎉",
    "שלום עולם",
    "ignore all previous instructions",
    "a|b`c",
    "\u202eevil",
    "\x00\x07",
    "",
]

AWKWARD: dict[str, Callable[[], Any]] = {
    "no rows": lambda: pd.DataFrame({"a": pd.Series([], dtype="int64"), "b": pd.Series([], dtype="str")}),
    "no columns": lambda: pd.DataFrame(index=range(3)),
    "nothing": lambda: pd.DataFrame(),
    "one row": lambda: pd.DataFrame({"a": [1], "b": ["x"], "c": [None]}),
    "all null": lambda: pd.DataFrame({"a": [None] * 5, "b": [np.nan] * 5, "c": pd.Series([pd.NaT] * 5)}),
    "duplicate names": lambda: pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=["x", "x", "y"]),
    "names that are not text": lambda: pd.DataFrame([[1, 2.5, "c"], [4, 5.5, "f"]], columns=[0, 1.5, None]),
    "multiindex columns": lambda: pd.DataFrame([[1, 2], [3, 4]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])),
    "mixed types": lambda: pd.DataFrame({"m": [1, "two", 3.0, None, True, [1], {"k": 1}, b"x"]}),
    "huge integers": lambda: pd.DataFrame({"h": [2**70, -(2**70), 0, None], "i": [2**63 - 1, -(2**63), 0, 1]}),
    "infinite": lambda: pd.DataFrame({"f": [np.inf, -np.inf, 0.0, 1.0, np.nan] * 3}),
    "hostile text": lambda: pd.DataFrame({"<b>name</b>": HOSTILE, "t": HOSTILE[::-1], "n": range(len(HOSTILE))}),
    "long text": lambda: pd.DataFrame({"t": ["x" * 200_000, "y", None]}),
    "categories and intervals": lambda: pd.DataFrame(
        {
            "c": pd.Categorical(["a", "b", None, "a"]),
            "i": pd.interval_range(0, 4),
            "p": pd.period_range("2026-01", periods=4, freq="M"),
            "d": pd.to_timedelta([1, 2, None, 4], unit="D"),
        }
    ),
    "time zones": lambda: pd.DataFrame(
        {"t": pd.date_range("2026-03-29", periods=6, freq="h", tz="Europe/Berlin").as_unit("us"), "v": range(6)}
    ),
    "constant": lambda: pd.DataFrame({"k": ["same"] * 30, "v": [7] * 30, "b": [True] * 30}),
}


@pytest.mark.parametrize("table", AWKWARD)
@pytest.mark.parametrize("verb", VERBS)
def test_an_awkward_table_is_answered(verb: str, table: str) -> None:
    df = AWKWARD[table]()
    before = as_frame(df).fingerprint
    result = edgp.run(verb, df, name="t")
    assert isinstance(result, Result)
    assert result.summary
    assert as_frame(df).fingerprint == before, "the input was changed"
    bundle = result._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/markdown", "text/html"}
    assert "<script>alert" not in bundle["text/html"]
    assert "\u202e" not in bundle["text/html"]
    assert len(bundle["text/html"]) <= 256_000


@pytest.mark.parametrize("verb", VERBS)
def test_equal_runs_give_equal_results(verb: str, orders: pd.DataFrame) -> None:
    first, second = (_without_run(edgp.run(verb, orders.copy(), name="t")) for _ in range(2))
    assert json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


@pytest.mark.parametrize("verb", VERBS)
def test_json_and_pickle_round_trip(verb: str, orders: pd.DataFrame) -> None:
    result = edgp.run(verb, orders, name="t")
    data = json.loads(json.dumps(result.to_dict()))
    again = Result.from_dict(data)
    assert type(again) is type(result)
    assert json.loads(json.dumps(again.to_dict())) == data
    assert pickle.loads(pickle.dumps(result)).to_dict() == result.to_dict()


@pytest.mark.parametrize("verb", VERBS)
def test_every_library_gives_the_same_answer(verb: str, orders: pd.DataFrame, make_frame: Callable[[pd.DataFrame], Any]) -> None:
    plain = orders.assign(ordered=orders["ordered"])
    wanted = _without_run(edgp.run(verb, plain, name="t"))
    got = _without_run(edgp.run(verb, make_frame(plain), name="t"))
    assert _untyped(got) == _untyped(wanted)


@pytest.mark.parametrize("verb", VERBS)
def test_findings_have_ids_counts_and_a_computation(verb: str, orders: pd.DataFrame) -> None:
    result = edgp.run(verb, orders, name="t")
    assert len({f.id for f in result.findings}) == len(result.findings)
    for found in result.findings:
        assert len(found.rows) <= 50
        assert found.message
        assert result.explain(found.id).to_dict()["finding"]["id"] == found.id


def _without_run(result: Result) -> dict[str, Any]:
    return {k: v for k, v in result.to_dict().items() if k != "run"}


def _untyped(data: Any) -> Any:
    """The result without the names of the libraries' own dtypes, which differ by nature."""
    if isinstance(data, dict):
        handle = {"fingerprint", "rows", "columns"} <= set(data)  # a DatasetRef names the library the data came from
        return {k: _untyped(v) for k, v in data.items() if k not in ("dtype", "native_dtype") and not (handle and k == "kind")}
    if isinstance(data, list):
        return [_untyped(v) for v in data]
    return data


@pytest.mark.parametrize("verb", VERBS)
def test_equal_runs_are_shown_alike(verb: str, orders: pd.DataFrame) -> None:
    first, second = (edgp.run(verb, orders.copy(), name="t")._repr_mimebundle_() for _ in range(2))
    assert first == second
