import pytest

from edgp_magics.errors import NotAvailable
from edgp_magics.infrastructure import Health, check, health_document, home_health, resolve, settings_health
from edgp_magics.infrastructure import _health as module


def settings(**call):
    return resolve(call, environ={}, folder=None)


def test_a_broken_part_hides_no_other():
    def broken():
        raise NotAvailable("the disk is gone.", hint="Put it back.")

    def worse():
        raise KeyError("x")

    parts = check({"a": broken, "b": worse, "c": lambda: Health(name="c", status="ok")})
    assert [(p.name, p.status, p.hint) for p in parts] == [("a", "down", "Put it back."), ("b", "down", ""), ("c", "ok", "")]
    assert health_document(parts).blocks[0].text == "2 parts need attention."
    assert health_document(parts[2:]).blocks[0].text == "All parts are fit for work."


def test_home(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGP_HOME", str(tmp_path))
    assert home_health().status == "ok"
    monkeypatch.setattr(module, "_LITTLE", 1 << 62)
    assert home_health().status == "degraded"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EDGP_HOME", str(tmp_path / "file"))
    assert check({"home": home_health})[0].status == "down"


@pytest.mark.parametrize(
    ("call", "status", "detail"),
    [
        ({}, "ok", "a file"),
        ({"checkpointer": "memory"}, "ok", "in memory"),
        ({"checkpointer": "postgres"}, "down", "no address"),
        ({"checkpointer": "redis", "checkpointer_url": "redis://u:secret@nowhere.invalid/0"}, "idle", "not contacted"),
    ],
)
def test_workflow_state_is_told_without_a_connection(call, status, detail):
    state = settings_health(settings(**call))[0]
    assert (state.name, state.status) == ("workflow_state", status)
    assert detail in state.detail
    assert "secret" not in state.detail


def test_a_server_that_answered_is_well():
    asked = settings(checkpointer="redis", checkpointer_url="redis://u:secret@nowhere.invalid/0")
    state = settings_health(asked, contacted={"workflow_state"})[0]
    assert (state.status, state.detail) == ("ok", "redis: answered in this session")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(module, "_is_there", lambda name: False)
    assert settings_health(settings())[0].hint == "pip install langgraph-checkpoint-sqlite"


def test_what_is_off_says_who_did_it():
    parts = {p.name: p for p in settings_health(settings(audit="off"))}
    assert (parts["audit"].status, parts["audit"].detail) == ("off", "set by call")
    assert parts["history"].status == "ok"
