from pathlib import Path

import pytest

from edgp_magics.errors import BadOption, UnknownName
from edgp_magics.infrastructure import SETTINGS, resolve


def settings(tmp_path: Path, *, call=None, config=None, environ=None, toml=""):
    if toml:
        (tmp_path / "pyproject.toml").write_text("[tool.edgp_magics]\n" + toml)
    return resolve(call, config, environ=environ or {}, folder=tmp_path)


@pytest.mark.parametrize(
    ("layers", "value", "origin"),
    [
        ({}, 0, "default"),
        ({"toml": "seed = 1"}, 1, "pyproject.toml"),
        ({"toml": "seed = 1", "environ": {"EDGP_SEED": "2"}}, 2, "environment"),
        ({"toml": "seed = 1", "environ": {"EDGP_SEED": "2"}, "config": {"seed": 3}}, 3, "%config"),
        ({"toml": "seed = 1", "environ": {"EDGP_SEED": "2"}, "config": {"seed": 3}, "call": {"seed": 4}}, 4, "call"),
        ({"environ": {"EDGP_SEED": " "}}, 0, "default"),
    ],
)
def test_precedence(tmp_path, layers, value, origin):
    found = settings(tmp_path, **layers)
    assert (found.seed, found["seed"], found.where("seed")) == (value, value, origin)


@pytest.mark.parametrize(
    ("layers", "error", "says"),
    [
        ({"call": {"sead": 1}}, UnknownName, "Did you mean `seed`?"),
        ({"config": {"histroy": True}}, UnknownName, "Did you mean `history`?"),
        ({"toml": "stoer = 'chroma'"}, UnknownName, "Did you mean `store`?"),
        ({"environ": {"EDGP_SEDE": "1"}}, UnknownName, "EDGP_SEDE"),
        ({"environ": {"EDGP_SEED": "x"}}, BadOption, "from environment"),
        ({"call": {"seed": -1}}, BadOption, "at least 0"),
        ({"call": {"seed": True}}, BadOption, "a whole number"),
        ({"call": {"store": "pinecone"}}, BadOption, "one of auto, chroma, faiss, memory"),
        ({"call": {"concurrency": 65}}, BadOption, "at most 64"),
        ({"call": {"timeout": float("nan")}}, BadOption, "a number"),
        ({"call": {"offline": "perhaps"}}, BadOption, "on or off"),
        ({"call": {"knowledge_path": 3}}, BadOption, "text"),
        ({"toml": "seed = = 1"}, BadOption, "cannot be read"),
    ],
)
def test_mistakes_are_one_clear_line(tmp_path, layers, error, says):
    with pytest.raises(error) as caught:
        settings(tmp_path, **layers)
    line = caught.value.one_line()
    assert says in line
    assert len(line) <= 200
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("offline", "ON", True),
        ("offline", 0, False),
        ("history", "no", False),
        ("progress", False, "off"),
        ("store", " FAISS ", "faiss"),
        ("concurrency", "8", 8),
        ("embedding_path", None, None),
        ("knowledge_path", Path("a"), "a"),
        ("timeout", "2.5", 2.5),
    ],
)
def test_values_are_read(name, given, value):
    assert resolve({name: given}, environ={}, folder=None)[name] == value


def test_every_setting_is_complete_and_its_default_is_allowed():
    for setting in SETTINGS.values():
        assert setting.help
        if setting.default is not None:
            assert setting.read(setting.default, origin="default") == setting.default


def test_names_of_others_in_the_environment_are_left_alone(tmp_path):
    assert settings(tmp_path, environ={"EDGP_HOME": "x", "EDGP_PLATFORM_REGION": "eu"}).where("seed") == "default"


def test_secrets_are_not_shown():
    url = "postgresql://me:secret-word@db/x"
    found = resolve({"checkpointer_url": url}, environ={}, folder=None)
    assert found.checkpointer_url == url
    assert "secret-word" not in repr(found)
    with pytest.raises(BadOption) as caught:
        resolve({"checkpointer_url": ["secret-word"]}, environ={}, folder=None)
    assert "secret-word" not in str(caught.value)


def test_unknown_setting_asked_for():
    found = resolve(environ={}, folder=None)
    for ask in (lambda: found["sed"], lambda: found.sed, lambda: found.where("sed")):
        with pytest.raises(UnknownName, match="Did you mean `seed`"):
            ask()


def test_replace_sets_as_the_call_does():
    found = resolve(environ={}, folder=None).replace(seed="5")
    assert (found.seed, found.where("seed"), found.where("store")) == (5, "call", "default")


def test_a_strange_pyproject_elsewhere_is_not_ours(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe = broken")
    assert resolve(environ={}, folder=tmp_path).seed == 0
