"""Nothing leaves the machine by itself, whatever the libraries underneath would send."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.slow


class Listener(http.server.BaseHTTPRequestHandler):
    """Counts what is posted to it."""

    posts = 0

    def do_POST(self) -> None:
        type(self).posts += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(202)
        self.end_headers()

    do_GET = do_PATCH = do_POST

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def listener() -> Iterator[str]:
    Listener.posts = 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


RUN = """
import pandas as pd, edgp_magics as edgp
edgp.run_workflow("comprehensive_data_assessment", pd.DataFrame({"email": ["a.tan@example.org", None], "n": [1, 2]}), dataset="t")
"""
PLAIN_GRAPH = """
from typing import TypedDict
from langgraph.graph import StateGraph, START
class S(TypedDict):
    a: int
g = StateGraph(S); g.add_node("x", lambda s: {"a": 1}); g.add_edge(START, "x"); g.compile().invoke({"a": 0})
from langsmith import utils; from langchain_core.tracers.langchain import wait_for_all_tracers; wait_for_all_tracers()
"""


def run(code: str, address: str) -> None:
    env = dict(os.environ, LANGSMITH_TRACING="true", LANGSMITH_ENDPOINT=address, LANGSMITH_API_KEY="none", LANGSMITH_PROJECT="t")
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_workflow_posts_no_trace_though_tracing_is_on(listener: str) -> None:
    run(PLAIN_GRAPH, listener)
    assert Listener.posts, "a plain graph is traced under these settings: the test sees what it looks for"
    Listener.posts = 0
    run(RUN, listener)
    assert Listener.posts == 0


def test_the_engine_of_the_sentence_model_reports_nothing() -> None:
    code = (
        "import builtins, os; real = builtins.__import__; seen = []\n"
        "def spy(name, *rest, **more):\n"
        "    seen.append(os.environ.get('ORT_DISABLE_TELEMETRY')) if name == 'onnxruntime' and not seen else None\n"
        "    return real(name, *rest, **more)\n"
        "builtins.__import__ = spy\n"
        "import edgp_magics as edgp; edgp.retrieve('how long are logs kept?')\n"
        "assert seen == ['1'], seen"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
