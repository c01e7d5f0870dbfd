"""Cells per second of the privacy scan, beside Presidio in one run on the same tables.

Three figures of the scan, each in a fresh process and through ``edgp_magics.run``: ``cold`` with imports and the first use of
everything, ``first`` on tables not seen before in a process that has scanned another table, ``again`` on the same tables once more.
Tables are the labelled ones of ``../shared/data/privacy`` where they are, else tables made here. ``notes`` is one table of 20,000 long
texts, read by the kernel alone and with helpers.

Run: ``python tests/benchmarks/privacy.py [--presidio /path/to/python]``; the other interpreter needs presidio-analyzer alone. It is
measured with the recognizers that it takes for English by itself, and with every pattern recognizer that it has (``all``), which is
nearer to what the scan looks for.
"""

from __future__ import annotations

import argparse
import contextlib
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
MODES = ("cold", "first", "again")
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


def notes(mode: str) -> dict[str, Any]:
    """Long texts: the kernel alone, or with helpers (``shared``), in a process that has read some before."""
    import pandas as pd

    os.environ["EDGP_PROCESSES"] = "1" if mode == "alone" else str(os.cpu_count())
    import edgp_magics as edgp

    said = "Maria Garcia of {i} High Street called on +65 9123 {i:04} about order {i}: the parcel never came, and Mr Chen Wei was told so. "
    table = pd.DataFrame({"note": [(said * 3).format(i=i) for i in range(20_000)]})
    edgp.run("scan", table.head(4_000))
    clock, cpu = time.perf_counter(), time.process_time()
    edgp.run("scan", table)
    return _figures([table], clock, cpu)


def presidio(name: str, mode: str) -> dict[str, Any]:
    """The same for Presidio's pattern recognizers, on a blank pipeline, cell by cell with the column's name as context."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    with tempfile.TemporaryDirectory() as folder:
        spacy.blank("en").to_disk(f"{folder}/blank")
        models = [{"lang_code": "en", "model_name": f"{folder}/blank"}]
        engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    registry = RecognizerRegistry(supported_languages=["en"])
    if mode == "presidio all":
        for recognizer in _pattern_recognizers():
            registry.add_recognizer(recognizer)
    else:
        registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    analyzer = AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=["en"])
    chosen = tables(name)[:: max(1, len(tables(name)) // PRESIDIO_TABLES)][:PRESIDIO_TABLES]
    clock, cpu = time.perf_counter(), time.process_time()
    for table in chosen:
        for column in table:
            for value in table[column].dropna().astype(str):
                analyzer.analyze(value, language="en", context=[str(column).replace("_", " ")])
    return _figures(chosen, clock, cpu)


def _pattern_recognizers() -> list[Any]:
    """One of each pattern recognizer that Presidio has, whatever its country, all told to read English."""
    from presidio_analyzer import PatternRecognizer, predefined_recognizers

    kinds = [k for k in vars(predefined_recognizers).values() if isinstance(k, type) and issubclass(k, PatternRecognizer)]
    out = [predefined_recognizers.PhoneRecognizer(supported_language="en")]
    for kind in kinds:
        if kind is not PatternRecognizer:
            with contextlib.suppress(TypeError, ValueError):  # some take other arguments
                out.append(kind(supported_language="en"))
    return out


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
        print(json.dumps(presidio(kind, mode) if mode.startswith("presidio") else notes(mode) if kind == "notes" else scan(kind, mode)))
        return
    for kind, modes in (("synth", MODES), ("real", MODES), ("notes", ("alone", "shared"))):
        rows = {mode: _run(sys.executable, kind, mode) for mode in modes}
        if given.presidio and kind != "notes":
            rows |= {mode: _run(given.presidio, kind, mode) for mode in ("presidio", "presidio all")}
            rows["ratio"] = {
                f"{mode} to {peer}": round(rows[mode]["cells_per_s"] / rows[peer]["cells_per_s"])
                for mode in ("cold", "first", "again")
                for peer in ("presidio", "presidio all")
            }
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
