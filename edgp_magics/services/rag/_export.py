"""The sentence model as one ONNX file, pooling and normalisation inside: made once with torch, kept by checksum.

Loading torch and transformers for a query costs ten times the memory and time of the query itself; the exported
graph gives the same vectors on onnxruntime alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

from ...errors import KnowledgeError
from ...infrastructure import home
from ._protocols import Report
from ._weights import Weights, write_whole

MODEL_FILE, TOKENIZER_FILE, ABOUT_FILE = "model.onnx", "tokenizer.json", "about.json"
PROBE = "Personal data shall be kept no longer than is necessary."
OPSET = 17


def exported(weights: Weights, report: Report | None = None) -> Path:
    """The folder with the exported model, made when it is not there yet."""
    folder = home() / "models" / weights.name
    if not is_exported(folder):
        if report is not None:
            report("preparing the sentence model, once", None)
        _export_apart(weights, folder)
    return folder


def _export_apart(weights: Weights, folder: Path) -> None:
    """Export in a process of its own: torch would stay in this one for good, and an interrupt would have to wait."""
    facts = (str(weights.folder), weights.origin, weights.model, weights.sha256, str(folder))
    done = subprocess.run([sys.executable, "-m", __name__, *facts], capture_output=True, text=True, check=False)  # noqa: S603  # our own module
    if done.returncode or not is_exported(folder):
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise KnowledgeError(
            f"the sentence model could not be prepared: {why}.", hint="Search by words works without it.", encoder=weights.name
        )


def is_exported(folder: Path) -> bool:
    """Whether a whole export is in ``folder``: the note about it is written last and knows the size."""
    try:
        about = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
        return bool((folder / MODEL_FILE).stat().st_size == about["bytes"] and (folder / TOKENIZER_FILE).is_file())
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return False


def _export(weights: Weights, folder: Path) -> None:
    try:
        import torch
        from transformers import AutoModel
    except ImportError as error:
        raise KnowledgeError(
            "the sentence model is not prepared and torch is not installed.", hint="Install sentence-transformers."
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    model = AutoModel.from_pretrained(str(weights.folder), local_files_only=True, attn_implementation="eager").eval()
    part = folder / f"{MODEL_FILE}.{os.getpid()}.part"
    pooling = _pooling(weights.folder)
    ids = torch.tensor([[101, 2023, 2003, 102], [101, 2023, 102, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # torch warns of its own older exporter, which is the one that fits this model
        torch.onnx.export(
            _pooled(model, pooling),
            (ids, mask),
            str(part),
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vector": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    shutil.copyfile(weights.folder / "tokenizer.json", folder / f"{TOKENIZER_FILE}.part")
    (folder / f"{TOKENIZER_FILE}.part").replace(folder / TOKENIZER_FILE)
    part.replace(folder / MODEL_FILE)
    about = {
        "model": weights.model,
        "sha256": weights.sha256,
        "pooling": pooling,
        "tokens": _token_limit(weights.folder),
        "bytes": (folder / MODEL_FILE).stat().st_size,
    }
    write_whole(folder / ABOUT_FILE, json.dumps(about, indent=1).encode())


def _pooled(model: Any, pooling: str) -> Any:
    import torch

    class Pooled(torch.nn.Module):
        """Token vectors to one unit vector a text."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            tokens = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            if pooling == "cls":
                pooled = tokens[:, 0]
            else:
                weight = attention_mask.unsqueeze(-1).to(tokens.dtype)
                pooled = (tokens * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=1)

    return Pooled()


def _pooling(folder: Path) -> str:
    path = folder / "1_Pooling" / "config.json"
    if not path.is_file():
        return "mean"
    config = json.loads(path.read_text(encoding="utf-8"))
    if config.get("pooling_mode_mean_tokens"):
        return "mean"
    if config.get("pooling_mode_cls_token"):
        return "cls"
    raise KnowledgeError(f"{folder.name} pools in a way that is not supported.", hint="Use a model with mean or cls pooling.")


def _token_limit(folder: Path) -> int:
    path = folder / "sentence_bert_config.json"
    limit = json.loads(path.read_text(encoding="utf-8")).get("max_seq_length") if path.is_file() else None
    return int(limit or 256)


if __name__ == "__main__":
    _folder, _origin, _model, _sha256, _target = sys.argv[1:]
    _export(Weights(Path(_folder), _origin, _model, _sha256), Path(_target))
