import os
import subprocess
import sys

import pytest

from edgp_magics.errors import NotAvailable
from edgp_magics.infrastructure import home, set_aside


def test_made_when_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGP_HOME", str(tmp_path / "a" / "b"))
    assert home() == tmp_path / "a" / "b"
    assert home().is_dir()


def test_platform_folder_without_the_variable(tmp_path, monkeypatch):
    monkeypatch.delenv("EDGP_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home().name == "edgp_magics"


def test_a_file_in_its_place_is_one_clear_line(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EDGP_HOME", str(tmp_path / "file"))
    with pytest.raises(NotAvailable, match="Set EDGP_HOME"):
        home()


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_not_writable_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGP_HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(NotAvailable, match="not writable"):
        home()


def test_damaged_files_are_numbered_and_kept(tmp_path):
    names = []
    for text in ("one", "two"):
        (tmp_path / "x.db").write_text(text)
        names.append(set_aside(tmp_path / "x.db").name)
    assert names == ["x.db.damaged-1", "x.db.damaged-2"]
    assert (tmp_path / "x.db.damaged-2").read_text() == "two"


def test_settings_and_home_load_nothing_heavy():
    code = (
        "import sys; from edgp_magics.infrastructure import resolve, home; resolve(); "
        "bad = {'pandas', 'numpy', 'pyarrow', 'sqlite3', 'prometheus_client', 'langgraph', 'asyncio', 'tomllib'} & set(sys.modules); "
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=os.sep)
