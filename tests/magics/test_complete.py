"""What Tab offers: what fits at the cursor, never a cell's value, and nothing of IPython's where a place is ours."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from IPython.core.completer import provisionalcompleter

from edgp_magics.infrastructure import SETTINGS

SECRET = "secret@x.org"


@pytest.fixture
def offered(notebook: Any) -> Any:
    people = {"email": [SECRET, "b@x.org"], "customer id": [1, 2], "first,last": ["a b", "c d"], "it's": [1, 2]}
    notebook.shell.user_ns |= {
        "people": pd.DataFrame(people),
        "arrowed": pa.table(people),
        "batch": pa.table(people).to_batches()[0],
        "lazy": pl.LazyFrame(people),
        "planning": pd.DataFrame({"plan": [1], "actions": [2]}),
        "sales": {"eu": pd.DataFrame(people)},
    }

    def offer(text: str) -> list[str]:
        """Each completion as the line it makes."""
        with provisionalcompleter():
            return [text[: c.start] + c.text for c in notebook.shell.Completer.completions(text, len(text))]

    return offer


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("%governance pri", "%governance privacy_scan"),
        ("%governance data_pro", "%governance data_profiling"),
        ("%governance profile peo", "%governance profile people"),
        ("%governance data_profiling peo", "%governance data_profiling people"),
        ("%governance scan people --columns em", "%governance scan people --columns email"),
        ("%governance scan people --columns=em", "%governance scan people --columns=email"),
        ("%governance scan people --columns cust", "%governance scan people --columns 'customer id'"),
        ("%governance scan people --columns 'customer i", "%governance scan people --columns 'customer id'"),
        ("%governance scan people --columns email,cust", "%governance scan people --columns email,'customer id'"),
        ("%governance scan people --columns 'customer id',em", "%governance scan people --columns 'customer id',email"),
        ("%governance scan people --columns fir", "%governance scan people --columns 'first,last'"),
        ("%governance scan people --columns it", '%governance scan people --columns "it\'s"'),
        ("%governance scan people[people.email!='x'] --columns em", "%governance scan people[people.email!='x'] --columns email"),
        ("%governance scan arrowed --columns em", "%governance scan arrowed --columns email"),
        ("%governance scan lazy --columns em", "%governance scan lazy --columns email"),
        ("%governance assess people --reference arr", "%governance assess people --reference arrowed"),
        ("%governance audit people --frames arrowed,or", "%governance audit people --frames arrowed,orders"),
        ("%governance check people --regulations gdpr,hi", "%governance check people --regulations gdpr,hipaa"),
        ("%governance check people --clauses GDPR-1", "%governance check people --clauses GDPR-17"),
        ("%governance workflow comp", "%governance workflow comprehensive_data_assessment"),
        ("%governance workflow comprehensive_data_assessment peo", "%governance workflow comprehensive_data_assessment people"),
        ("%governance config se", "%governance config seed"),
        ("%governance knowledge re", "%governance knowledge remove"),
        ("%governance history or", "%governance history orders"),
        ("%governance help pro", "%governance help profile"),
        ("%governance rag x --mode de", "%governance rag x --mode dense"),
        ("x = %governance scan people --columns em", "x = %governance scan people --columns email"),
        ("%%governance scan people --columns em", "%%governance scan people --columns email"),
    ],
)
def test_what_fits_is_offered(offered: Any, text: str, wanted: str) -> None:
    lines = offered(text)
    assert wanted in lines
    assert not any(SECRET in line for line in lines)


@pytest.mark.parametrize("table", ["people", "arrowed", "batch", "lazy"])
@pytest.mark.parametrize("ending", ["--columns ", "--columns=", "--columns email,"])
def test_columns_are_offered_and_never_cells(offered: Any, table: str, ending: str) -> None:
    text = f"%governance profile {table} {ending}"
    wanted = {text + n for n in ("email", "'customer id'", "'first,last'", '"it\'s"')} if table != "batch" else set()
    assert wanted <= set(offered(text))
    assert SECRET not in "".join(offered(text))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("%governance config ", set(SETTINGS)),
        ("%governance knowledge ", {"status", "list", "add", "remove"}),
        ("%governance knowledge remove ", {""}),
        ("%governance resume ", {""}),
        ("%governance trace ", {""}),
        ("%governance why ", {""}),
        ("%governance apply ", {""}),
        ("%governance undo ", {""}),
        ("%governance why pri", {"pri"}),
        ("%governance workflow comprehensive_data_assessment people --reference ", {"orders", "people", "arrowed", "lazy", "planning"}),
    ],
)
def test_nothing_of_ipythons_is_offered(offered: Any, text: str, known: set[str]) -> None:
    place = text.rindex(" ") + 1
    assert {line[place:] for line in offered(text)} <= known | {""}


def test_ids_of_this_session_are_offered(offered: Any, notebook: Any) -> None:
    notebook.run("found = %governance assess orders")
    assert f"%governance why {notebook.shell.user_ns['found'].findings[0].id}" in offered("%governance why ")
    notebook.run("fixes = %governance clean orders")
    assert "%governance apply fixes" in offered("%governance apply ")
    assert "%governance apply planning" not in offered("%governance apply ")


def test_keys_are_left_to_ipython(offered: Any) -> None:
    assert any("eu" in line for line in offered("%governance profile sales['"))


def test_flags_that_are_on_are_turned_off(offered: Any, notebook: Any) -> None:
    assert "%governance assess orders --no-discover" in offered("%governance assess orders --no-d")
    assert "--no-discover" in notebook.run("%governance help assess").to_markdown()


@pytest.mark.parametrize("text", ["%governance scan t7 --columns c1", "%governance profile t", "%governance scan t7 --"])
def test_completion_is_quick_among_many_tables(offered: Any, notebook: Any, text: str) -> None:
    notebook.shell.user_ns |= {f"t{i}": pd.DataFrame({f"c{j}": [1] for j in range(500)}) for i in range(200)}
    matcher = notebook.shell.Completer.custom_matchers[-1]
    offered(text)

    class Context:
        full_text, cursor_line, cursor_position, token = text, 0, len(text), ""

    times = []
    for _ in range(5):
        clock = time.perf_counter()
        assert matcher(Context())["completions"]
        times.append(time.perf_counter() - clock)
    assert min(times) < 0.05
