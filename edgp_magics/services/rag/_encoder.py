"""The sentence model on onnxruntime and tokenizers: no torch, no transformers."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import KnowledgeError
from ._export import ABOUT_FILE, MODEL_FILE, TOKENIZER_FILE, exported
from ._protocols import Report, Vectors
from ._weights import Weights, find_weights

_TOKENS_A_BATCH = 4_096
"""Texts are batched by length: this many tokens, padding included, keep both cores busy and memory small."""


class OnnxEncoder:
    """A sentence model, exported (see :func:`exported`) when it is first asked for the vector of a text.

    Most searches never ask: the vectors of the knowledge and of the usual questions are shipped.
    """

    def __init__(self, weights: Weights, report: Report | None = None) -> None:
        self._weights, self._report = weights, report

    @property
    def name(self) -> str:
        """Model and checksum of its weights."""
        return self._weights.name

    @functools.cached_property
    def _folder(self) -> Path:
        return exported(self._weights, self._report)

    @functools.cached_property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._session.get_outputs()[0].shape[1] or self.encode(["."]).shape[1])

    @functools.cached_property
    def _session(self) -> Any:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read at import: it would send events of every session home
        import onnxruntime as ort

        ort.disable_telemetry_events()
        options = ort.SessionOptions()
        options.intra_op_num_threads = min(4, os.cpu_count() or 1)
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # the arena would keep the largest batch's memory for good
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads leave the kernel's CPU alone
        try:
            return ort.InferenceSession(str(self._folder / MODEL_FILE), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base but Exception
            raise KnowledgeError(
                "the prepared sentence model cannot be read.", hint=f"Delete the folder {self._folder.name}.", encoder=self.name
            ) from error

    @functools.cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER_FILE))
        tokenizer.no_padding()
        about = json.loads((self._folder / ABOUT_FILE).read_text(encoding="utf-8"))
        tokenizer.enable_truncation(int(about["tokens"]))
        return tokenizer

    def encode(self, texts: Sequence[str], report: Report | None = None) -> Vectors:
        """One unit vector a text; texts of like length go through together."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        tokens = [e.ids for e in self._tokenizer.encode_batch_fast(list(texts))]
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        rows: list[Any] = [None] * len(tokens)
        done = 0
        while done < len(order):
            batch = _batch(order, tokens, done)
            for i, vector in zip(batch, self._run([tokens[i] for i in batch]), strict=True):
                rows[i] = vector
            done += len(batch)
            if report is not None:
                report("embedding", done / len(order))
        return np.asarray(rows, np.float32)

    def _run(self, tokens: list[list[int]]) -> Any:
        width = max(map(len, tokens))
        ids = np.zeros((len(tokens), width), np.int64)
        mask = np.zeros((len(tokens), width), np.int64)
        for row, line in enumerate(tokens):
            ids[row, : len(line)] = line
            mask[row, : len(line)] = 1
        return self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


def _batch(order: list[int], tokens: list[list[int]], start: int) -> list[int]:
    stop = start + 1
    while stop < len(order) and stop - start < 64 and (stop - start + 1) * len(tokens[order[stop]]) <= _TOKENS_A_BATCH:
        stop += 1
    return order[start:stop]


def load_encoder(path: str | Path | None = None, *, offline: bool = False, report: Report | None = None) -> OnnxEncoder:
    """The encoder for the first weights found; :class:`KnowledgeError` says why there is none."""
    return OnnxEncoder(find_weights(path, offline=offline), report)
