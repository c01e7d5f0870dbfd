"""The magic as a user meets it: answers, mistakes, completion, unloading."""

from __future__ import annotations

import threading
from typing import Any

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from traitlets.config import Config

from edgp_magics.capabilities import CAPABILITIES
from edgp_magics.magics._commands import _FURTHER, commands
from edgp_magics.testing import planted_customers
from edgp_magics.values import Result, View

MISTAKES = {
    "%governance proflie orders": "Did you mean `profile`?",
    "%governance profile order": "Did you mean `orders`?",
    "%governance profile": "profile needs data",
    "%governance profile 1 + 1": "not a table",
    "%governance profile orders[['nope']]": "raised KeyError",
    "%governance profile missing.csv": "no file",
    "%governance profile orders --dept full": "Did you mean `depth`?",
    "%governance profile orders --depth deep": "one of full, columns",
    "%governance profile orders --depth": "needs a value",
    "%governance profile orders --columns emial": "Did you mean `email`?",
    "%governance profile orders --as-of tomorrow": "2026-11-22",
    "%governance profile orders -o 3x": "not a name",
    "%governance profile orders[": "not closed",
    "%governance why F-00000000": "no finding",
    "%governance why GDPR-9.1": "Give the id at the end of a finding's row, or a clause or column of what was run",
    "%governance apply orders": "no plan",
    "%governance undo": "nothing to undo",
    "%governance profile orders -o": "-o needs a value",
    "%governance workflow comprehensive orders": "no workflow",
    "%governance help profle": "Did you mean `profile`?",
    "%%governance agents\nbody": "reads no cell body",
    "%governance config sed 5": "Did you mean `seed`?",
    "%governance config seed -5": "at least 0",
    "%governance drift june": "profile june --reference orders",
    "%governance compare": "profile june --reference orders",
    "%governance dedupe orders": "%governance clean orders",
    "%governance pii orders": "%governance scan",
    "%governance quality orders": "%governance assess",
    "%governance fix orders": "%governance apply plan",
    "%governance validate orders": "%%governance assess orders",
    "%governance describe orders": "%governance profile orders",
    "%governance explain": "%governance why",
    "%governance search x": "%governance rag",
    "%governance help privacy": "%governance scan",
    "%governance help verify": 'edgp_magics.verify("audit.zip")',
    "%governance help deidentify": "resolve customers --privacy mask",
    "%governance anonymise orders": "resolve customers --privacy mask",
    "%governance attest orders": "%%governance audit customers",
    "%governance hipaa orders": "--regulations hipaa",
    "%governance audit orders --frames order": "Did you mean `orders`?",
    "%governance audit orders --frames nothing_here": "Tables here: orders",
    "%governance audit orders,orders": "audit orders --frames orders",
    "%governance profile orders, orders": "audit orders --frames orders",
    "%governance ask orders": "ask DATA QUESTION",
    "%governance ask orders average amount by country": "metrics (rates and counts)",
    "%governance ask orders tell me a joke": "assess (six dimensions scored)",
}


@pytest.mark.parametrize("cell", MISTAKES)
def test_a_mistake_is_one_line_with_the_next_move(notebook: Any, cell: str) -> None:
    shown = notebook.fail(cell)
    assert MISTAKES[cell] in shown
    assert len(shown.splitlines()) == 1
    assert len(shown) <= 200


def test_debug_shows_the_traceback(notebook: Any) -> None:
    assert "Traceback" in notebook.fail("%governance profile order --debug")


def test_the_bare_magic_shows_tables_and_verbs(notebook: Any) -> None:
    view = notebook.run("%governance")
    assert isinstance(view, View)
    assert "orders" in repr(view)
    assert all(verb in repr(view) for verb in commands())


def test_result_by_name_by_assignment_and_underscore_are_one(notebook: Any) -> None:
    shown = notebook.run("%governance profile orders -o kept")
    assert shown is notebook.shell.user_ns["kept"]
    assert shown is notebook.shell.user_ns["_"]
    notebook.run("again = %governance profile orders")
    assert notebook.shell.user_ns["again"].to_dict()["columns"] == shown.to_dict()["columns"]


def test_an_expression_and_local_names_are_data(notebook: Any) -> None:
    assert notebook.run("%governance profile orders.head(7)").dataset.rows == 7
    notebook.run("def f(inner):\n    return get_ipython().run_line_magic('governance', 'profile inner')\nr = f(orders.head(3))")
    assert notebook.shell.user_ns["r"].dataset.rows == 3


def test_braces_and_dollars_are_left_alone(notebook: Any) -> None:
    notebook.shell.user_ns["a"] = "expanded"
    assert "{a}" in notebook.fail("%governance profile {a}['x']") or "raised" in notebook.fail("%governance profile {a}['x']")


@pytest.mark.parametrize("verb", [s.verb for s in CAPABILITIES.values()])
def test_help_names_every_option(notebook: Any, verb: str) -> None:
    text = repr(notebook.run(f"%governance help {verb}"))
    for option in commands()[verb].options:
        assert ("-o" if option.name == "o" else option.flag) in text


def test_dry_run_runs_nothing(notebook: Any) -> None:
    view = notebook.run("%governance profile orders --dry-run")
    assert view.to_dict()["rows"] == 60
    assert view.to_dict()["egress_bytes"] == 0


def test_plain_words_are_routed_and_said(notebook: Any) -> None:
    result = notebook.run("%%governance ask orders\nsummarise every column of the table")
    assert isinstance(result, Result)
    assert result.capability.value == "data_profiling"
    assert any("Understood as `profile`" in note for note in result.notes)
    assert "no capability fits" in notebook.fail("%%governance ask orders\nbook me a flight to Rome")


def test_columns_that_a_question_names_are_options(notebook: Any) -> None:
    result = notebook.run("%%governance ask orders\nwhat is the completeness percentage by country?")
    assert any("Understood as `metrics --by country`" in note for note in result.notes)
    assert "SG" in notebook.shell.display_formatter.format(result)[0]["text/plain"]


def test_a_question_may_stand_on_the_line_and_name_a_table_to_compare_with(notebook: Any) -> None:
    scan = notebook.run("%governance ask orders.head(20) which columns are personal -o kept")
    assert scan.capability.value == "privacy_scan"
    assert notebook.shell.user_ns["kept"] is scan
    notebook.run("june = orders.head(30)")
    drift = notebook.run("%%governance ask june\nhas this month drifted compared with orders?")
    assert any("Understood as `profile --reference orders`" in note for note in drift.notes)
    assert "without a ?" in repr(notebook.run("%governance help ask"))


def complete(notebook: Any, text: str) -> list[str]:
    with provisionalcompleter():
        return [c.text for c in notebook.shell.Completer.completions(text, len(text))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("%governance pro", "profile"),
        ("%governance profile ord", "orders"),
        ("%governance profile orders --dep", "--depth"),
        ("%governance profile orders --columns cou", "country"),
        ("%%governance assess orders\n  - unique(ord", "order_id"),
        ("x = %governance pro", "profile"),
    ],
)
def test_completion(notebook: Any, text: str, wanted: str) -> None:
    assert wanted in complete(notebook, text)


def test_completion_offers_nothing_elsewhere(notebook: Any) -> None:
    assert "profile" not in complete(notebook, "pro")


def test_unloading_leaves_nothing(notebook: Any) -> None:
    shell = notebook.shell
    notebook.run("%governance profile orders")
    shell.run_line_magic("unload_ext", "edgp_magics")
    assert "governance" not in shell.magics_manager.magics["line"]
    assert "governance" not in shell.magics_manager.magics["cell"]
    assert not [m for m in shell.Completer.custom_matchers if type(m).__name__ == "CompletionMatcher"]
    assert not [c for c in shell.configurables if type(c).__name__ == "EdgpMagics"]
    assert not [t for t in threading.enumerate() if t.name == "edgp-loop"]
    for _ in range(5):
        shell.run_line_magic("load_ext", "edgp_magics")
        shell.run_line_magic("unload_ext", "edgp_magics")
    assert len(shell.Completer.custom_matchers) == 0
    shell.run_line_magic("load_ext", "edgp_magics")


def test_a_refused_setting_does_not_outlive_the_extension(notebook: Any) -> None:
    shell = notebook.shell
    shell.run_line_magic("unload_ext", "edgp_magics")
    shell.config["EdgpMagics"] = Config({"seed": 11})
    shell.run_line_magic("load_ext", "edgp_magics")
    shell.run_line_magic("unload_ext", "edgp_magics")
    assert shell.config["EdgpMagics"] == {"seed": 11}, "what a configuration file said stays"
    shell.config.pop("EdgpMagics")
    shell.run_line_magic("load_ext", "edgp_magics")
    notebook.run("%config EdgpMagics.seed = 'abc'")
    shell.run_line_magic("unload_ext", "edgp_magics")
    assert "EdgpMagics" not in shell.config
    shell.run_line_magic("load_ext", "edgp_magics")
    notebook.run("%governance config")


def test_an_interrupt_before_any_work_is_one_line(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgp_magics.magics import _run

    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_run, "run", interrupted)
    assert "stopped." in notebook.fail("%governance profile orders")


def test_a_bad_config_sets_nothing_and_says_so(notebook: Any, caplog: pytest.LogCaptureFixture) -> None:
    notebook.run("%config EdgpMagics.sed = 5")
    notebook.run("%config EdgpMagics.seed = -5")
    assert "Did you mean `seed`?" in caplog.text
    assert "at least 0" in caplog.text
    assert notebook.run("%governance config").to_dict()["seed"] == {"value": "0", "from": "default"}


def test_settings_by_config_are_seen(notebook: Any) -> None:
    notebook.run("%config EdgpMagics.seed = 7")
    view = notebook.run("%governance config")
    assert view.to_dict()["seed"] == {"value": "7", "from": "%config"}


@pytest.mark.parametrize(
    "given", ["cleaning", "cleaning.plan", "cleaning.recipe()", "cleaning.plan.recipe()", "log", "done", "log.recipe()", "saved"]
)
def test_recipe_of_a_variable(notebook, tmp_path, given):
    dirty = notebook.shell.user_ns["orders"].assign(status=["open"] * 56 + ["OPEN", "N/A", "n/a", "opne"])
    notebook.shell.user_ns |= {"dirty": dirty, "again": dirty.copy()}
    notebook.run("%governance clean dirty -o cleaning")
    approved = "auto" if given.startswith("cleaning") else "all"
    notebook.run(f"done = %governance apply cleaning --approve {approved} --log log")
    path = tmp_path / "rc.json"
    notebook.run(f"saved = log.recipe().save({str(path)!r}); rc = {given}")
    replayed = notebook.run(f"%governance clean again --recipe {path if given == 'saved' else 'rc'}")
    assert replayed.plan.apply(dirty).frame.equals(notebook.shell.user_ns["done"].frame)
    assert "fit what was approved for dirty" in replayed.summary and replayed.metrics["suspect_cells"]
    assert "cannot read a recipe" in notebook.fail("%governance clean again --recipe nothing_here")


def test_a_large_table_says_what_is_running() -> None:
    from edgp_magics.magics._progress import is_large

    assert is_large(pd.DataFrame(index=range(100_000), columns=range(20)))
    assert not is_large(pd.DataFrame(index=range(10), columns=range(3)))


def test_a_plan_is_applied_and_taken_back_by_name(notebook: Any, orders: pd.DataFrame) -> None:
    dirty = orders.assign(status=["open"] * 57 + ["OPEN", "N/A", "n/a"])
    notebook.shell.user_ns["dirty"] = dirty
    notebook.run("%governance clean dirty -o cleaning")
    notebook.run("%governance apply cleaning --approve all -o fixed --code")
    assert not notebook.shell.user_ns["fixed"].equals(dirty)
    assert "undo needs a name" in notebook.fail("%governance undo")
    notebook.run("%governance undo -o back")
    assert notebook.shell.user_ns["back"].equals(dirty)


def test_code_is_refused_for_a_table_without_a_name(notebook: Any) -> None:
    notebook.run("part = %governance clean orders[orders.amount>0]")
    assert "needs a table with a name" in notebook.fail("%governance apply part --code -o fixed")


def test_a_log_in_a_file_is_taken_back(notebook: Any, orders: pd.DataFrame, tmp_path: Any) -> None:
    dirty = orders.assign(status=["open"] * 57 + ["OPEN", "N/A", "n/a"])
    notebook.shell.user_ns["dirty"] = dirty
    path = tmp_path / "log.json"
    notebook.run("%governance clean dirty -o cleaning")
    notebook.run(f"%governance apply cleaning --approve all -o fixed --log-file {path}")
    fixed = notebook.shell.user_ns.pop("fixed")
    assert "not in this kernel" in notebook.fail(f"%governance undo {path} -o back")
    notebook.shell.user_ns["other"] = fixed
    for cell in (f"%governance undo {path} -o back", f"%governance undo {path} --data other -o back"):
        notebook.run(cell)
        pd.testing.assert_frame_equal(notebook.shell.user_ns.pop("back"), dirty)


def test_a_secret_is_given_by_name(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "hunter2-and-sixteen-more"
    notebook.shell.user_ns["people"] = pd.DataFrame({"email": [f"ana{i}@example.org" for i in range(40)], "n": range(40)})
    notebook.run("%governance scan people")
    assert "names no secret" in notebook.fail("%governance resolve people --privacy pseudonymise --key PEPPER")
    monkeypatch.setenv("PEPPER", secret)
    result = notebook.run("%governance resolve people --privacy pseudonymise --key PEPPER")
    assert any(a.detector == "deidentify" for a in result.plan.actions)
    assert secret not in str(result.to_dict()) + repr(result) + notebook.output + str(vars(result))


@pytest.mark.parametrize("verb", sorted(_FURTHER))
def test_the_further_examples_of_a_verb_run_one_after_the_other(
    notebook: Any, verb: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    notebook.shell.user_ns["customers"] = planted_customers(60, each=2).frame
    shown = repr(notebook.run(f"%governance help {verb}"))
    assert "not legal advice" in shown
    for cell in _FURTHER[verb]:
        assert cell.splitlines()[-1] in shown
        answer = repr(notebook.run(cell))
        assert "could not be used" not in answer
        assert "not used" not in answer


def test_help_shows_how_a_secret_is_given(notebook: Any) -> None:
    shown = repr(notebook.run("%governance help resolve"))
    assert "name of a variable with it" in shown
    assert "b''" not in shown


def test_a_previous_audit_is_given_by_name(notebook: Any) -> None:
    notebook.run("%governance audit orders --regulations gdpr -o audit")
    assert notebook.run("%governance audit orders --regulations gdpr --previous audit").changes == ()


@pytest.mark.parametrize("cell", ["%governance --help", "%governance assess orders --help"])
def test_help_is_found_where_people_look(notebook: Any, cell: str) -> None:
    assert "what it does" in repr(notebook.run(cell))


def test_a_clause_is_explained_by_its_id(notebook: Any) -> None:
    notebook.run("%governance check orders --clauses GDPR-32.1.b")
    assert notebook.run("%governance why gdpr-32.1.b").finding.rule == "GDPR-32.1.b"


def test_a_plan_is_for_the_table_of_that_name(notebook: Any) -> None:
    """A name that stands for another table now is not quietly changed as the old one."""
    notebook.run("kept = orders.copy()")
    notebook.run("%governance clean orders -o cleaning")
    notebook.run("orders = orders.assign(extra=1)")
    assert "its columns differ" in notebook.fail("%governance apply cleaning -o fixed")
    notebook.run("%governance apply cleaning --data kept -o fixed")


def test_a_finding_of_a_run_from_python_is_explained(notebook: Any) -> None:
    notebook.run('import edgp_magics; result = edgp_magics.run("profile", orders, name="orders")')
    finding = notebook.run("result").findings[0]
    assert notebook.run(f"%governance why {finding.id}").finding.id == finding.id
