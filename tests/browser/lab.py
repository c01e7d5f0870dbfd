"""JupyterLab on loopback with a private home, driven in the system's Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

CHROMIUM = os.environ.get("CHROMIUM", shutil.which("chromium") or "")
_READY = """() => { const s = window.jupyterapp?.shell?.currentWidget?.sessionContext;
  return s && s.isReady && s.session?.kernel?.status === 'idle' && s.session.kernel.connectionStatus === 'connected' }"""


class Lab:
    """A running JupyterLab and one browser page."""

    def __init__(self, base: str, token: str, work: Path, page: Any) -> None:
        self.base, self.token, self.work, self.page = base, token, work, page
        self.offsite: list[str] = []
        self.errors: list[str] = []
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on(
            "request", lambda r: self.offsite.append(r.url) if not r.url.startswith((base, "ws://127.0.0.1", "data:", "blob:")) else None
        )

    def notebook(self, cells: list[str], name: str = "t.ipynb") -> None:
        """Write a notebook and open it."""
        book = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
        book.cells = [nbformat.v4.new_code_cell(c) for c in cells]
        nbformat.write(book, self.work / name)
        self.open(name)

    def open(self, name: str, *, kernel: bool = True) -> None:
        """Open a notebook that lies in the work folder."""
        self.page.goto(f"{self.base}/lab/tree/{name}?token={self.token}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        if kernel:
            self.page.wait_for_function(_READY)

    def command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        """Run a command of JupyterLab."""
        self.page.evaluate("([c, a]) => { window.jupyterapp.commands.execute(c, a || {}); return null }", [name, arguments])

    def run_all(self, timeout: float = 120) -> None:
        """Run every cell and wait until the kernel is idle."""
        self.command("notebook:run-all-cells")
        self.page.wait_for_timeout(500)
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')].every(e => !e.innerText.includes('*'))",
            timeout=timeout * 1000,
        )
        self.page.wait_for_timeout(400)

    def theme(self, name: str) -> None:
        """Switch the theme: ``Light``, ``Dark`` or ``Dark High Contrast``."""
        self.command("apputils:change-theme", {"theme": f"JupyterLab {name}"})
        light = "true" if name == "Light" else "false"
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")
        self.page.wait_for_timeout(800)

    def save(self) -> None:
        """Save the notebook to disk."""
        self.command("docmanager:save")
        self.page.wait_for_timeout(2500)

    def reopen(self, name: str, again: str, *, shown: str = "") -> None:
        """Save a notebook and open a copy as a stranger would: untrusted, without kernel and without widget state."""
        self.save()
        book = nbformat.read(self.work / name, 4)
        book.metadata.pop("widgets", None)
        for cell in book.cells:
            cell.metadata.pop("trusted", None)
        nbformat.write(book, self.work / again)
        self.open(again, kernel=False)
        self.page.wait_for_selector(f".jp-Notebook .jp-OutputArea-output {shown}".strip())

    def outputs(self) -> list[str]:
        """The visible text of each output."""
        found: list[str] = self.page.evaluate(
            "() => [...document.querySelectorAll('.jp-Notebook .jp-OutputArea-output')].map(e => e.innerText)"
        )
        return found


@contextlib.contextmanager
def running_lab(work: Path, *, width: int = 1280, height: int = 1400) -> Iterator[Lab]:
    """Start JupyterLab and Chromium; stop both."""
    from playwright.sync_api import sync_playwright

    private = work / "private"
    env = dict(os.environ, HOME=str(private), IPYTHONDIR=str(private / "ipython"), EDGP_HOME=str(private / "edgp"))
    env |= {f"JUPYTER_{k}_DIR": str(private / k.lower()) for k in ("CONFIG", "DATA", "RUNTIME")}
    env |= {f"JUPYTERLAB_{k}_DIR": str(private / k.lower()) for k in ("SETTINGS", "WORKSPACES")}
    for name, setting in {"notification": {"fetchNews": "false", "checkForUpdates": False}}.items():
        path = private / "settings" / "@jupyterlab" / "apputils-extension" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(setting))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(8)
    base = f"http://127.0.0.1:{port}"
    log = (work / "server.log").open("w")
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root", f"--IdentityProvider.token={token}",
        "--ServerApp.disable_check_xsrf=True", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None", f"--ServerApp.root_dir={work}",
    ]  # fmt: skip
    server = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=work)
    try:
        _wait_for(f"{base}/api/status?token={token}", server)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=CHROMIUM, headless=True, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
            )
            page = browser.new_context(viewport={"width": width, "height": height}).new_page()
            page.set_default_timeout(90_000)
            yield Lab(base, token, work, page)
            browser.close()
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    raise RuntimeError("JupyterLab did not start")
