"""Real servers on free loopback ports, started for these tests and stopped after them."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


@contextlib.contextmanager
def running(command, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def redis_url():
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("no redis-server here")
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        running([server, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""], port),
    ):
        yield f"redis://127.0.0.1:{port}/0"


def as_postgres(command):
    """The server refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.name == "posix" and os.getuid() == 0 else command


@pytest.fixture(scope="session")
def postgres_url():
    if not POSTGRES:
        pytest.skip("no postgres here")
    if os.getuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("postgres does not run as root")
    binaries, port = POSTGRES[-1], free_port()
    with tempfile.TemporaryDirectory() as folder:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        data = str(Path(folder) / "data")
        subprocess.run(
            as_postgres([str(binaries / "initdb"), "-D", data, "-U", "edgp", "-A", "trust", "--no-sync"]),
            check=True,
            stdout=subprocess.DEVNULL,
        )
        command = [
            str(binaries / "postgres"),
            "-D",
            data,
            "-p",
            str(port),
            "-k",
            folder,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
        ]
        with running(as_postgres(command), port):
            yield ready(f"postgresql://edgp@127.0.0.1:{port}/postgres")


def ready(url):
    import psycopg

    for _ in range(200):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
            return url
        time.sleep(0.05)
    raise RuntimeError("postgres does not answer")
