"""Cells per second of the privacy scan, beside Presidio in one run on the same tables.

Three figures of the scan, each in a fresh process and through ``edgp_magics.run``: ``cold`` with imports and the first use of
everything, ``first`` on tables not seen before in a process that has scanned another table, ``again`` on the same tables once more.
Tables are the labelled ones of ``../shared/data/privacy`` where they are, else tables made here.

Run: ``python tests/benchmarks/privacy.py [--presidio /path/to/python]``; the other interpreter needs presidio-analyzer alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("GOV_BENCH_DATA", HERE.parents[2] / "shared" / "data")) / "privacy" / "open"
PRESIDIO_TABLES = 12
"""Presidio reads a thousand cells a second: so many tables are enough to compare."""


def tables(name: str) -> list[Any]:
    """The tables of one kind."""
    import pandas as pd

    files = sorted((DATA / name).glob("**/*.csv")) if DATA.is_dir() else []
    if files:
        return [pd.read_csv(f) for f in files]
    people = pd.DataFrame({"name": [f"Maria Garcia {i}" for i in range(200)], "email": [f"user{i}@example.org" for i in range(200)]})
    people["note"] = [f"Call Chen Wei back on +65 9123 {4000 + i}, order {i}" for i in range(200)]
    return [people.rename(columns=str.upper) if i % 2 else people for i in range(20)]


def scan(name: str, mode: str) -> dict[str, Any]:
    """Seconds and cells of one kind of tables."""
    import pandas as pd

    chosen = tables(name)
    clock, cpu = time.perf_counter(), time.process_time()
    import edgp_magics as edgp

    if mode != "cold":
        edgp.run("scan", pd.DataFrame({"mail": ["a@example.org", "b@example.org"], "note": ["call Ada Byron back today please"] * 2}))
    for _ in range(2 if mode == "again" else 1):
        if mode != "cold":
            clock, cpu = time.perf_counter(), time.process_time()
        for table in chosen:
            edgp.run("scan", table)
    heavy = sorted({"torch", "spacy", "langchain", "onnxruntime"} & sys.modules.keys())
    return _figures(chosen, clock, cpu) | {"imported": heavy}


def presidio(name: str) -> dict[str, Any]:
    """The same for Presidio's pattern recognizers, on a blank pipeline, cell by cell with the column's name as context."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    with tempfile.TemporaryDirectory() as folder:
        spacy.blank("en").to_disk(f"{folder}/blank")
        models = [{"lang_code": "en", "model_name": f"{folder}/blank"}]
        engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    analyzer = AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=["en"])
    chosen = tables(name)[:: max(1, len(tables(name)) // PRESIDIO_TABLES)][:PRESIDIO_TABLES]
    clock, cpu = time.perf_counter(), time.process_time()
    for table in chosen:
        for column in table:
            for value in table[column].dropna().astype(str):
                analyzer.analyze(value, language="en", context=[str(column).replace("_", " ")])
    return _figures(chosen, clock, cpu)


def _figures(chosen: list[Any], clock: float, cpu: float) -> dict[str, Any]:
    cells = sum(t.size for t in chosen)
    wall, busy = time.perf_counter() - clock, time.process_time() - cpu
    return {"tables": len(chosen), "cells": cells, "cells_per_s": round(cells / wall), "cells_per_cpu_s": round(cells / busy)}


def main() -> None:
    """Each figure in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presidio", help="an interpreter that has presidio-analyzer")
    parser.add_argument("--one", nargs=2, metavar=("KIND", "MODE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        kind, mode = given.one
        print(json.dumps(presidio(kind) if mode == "presidio" else scan(kind, mode)))
        return
    for kind in ("synth", "real"):
        rows = {mode: _run(sys.executable, kind, mode) for mode in ("cold", "first", "again")}
        if given.presidio:
            rows["presidio"] = _run(given.presidio, kind, "presidio")
            rows["ratio"] = {"first to presidio": round(rows["first"]["cells_per_s"] / rows["presidio"]["cells_per_s"])}
        for mode, figures in rows.items():
            print(json.dumps({"kind": kind, "mode": mode, **figures}))


def _run(python: str, kind: str, mode: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "EDGP_HOME": home}
        done = subprocess.run([python, __file__, "--one", kind, mode], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
