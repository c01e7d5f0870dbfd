"""The evidence pack: one archive with every artefact of an audit, the same bytes for the same audit."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import BadOption, DataNotFound, UsageError
from ...values import Badge, ClauseStatus, Code, Document, Facts, Grid, Items, Text, View, plain, plural
from ._catalogue import catalogue_bytes
from ._oscal import assessment_results

if TYPE_CHECKING:
    from .._audit import AuditResult

FORMAT = "edgp-evidence-2"
"""Changes whenever the tables or the OSCAL document are made otherwise from ``audit.json``: verifying makes them again."""
EPOCH = (1980, 1, 1, 0, 0, 0)
START = "0" * 64
README = """Evidence pack of a regulatory audit.
manifest.json  what was audited, by which rules, and the SHA-256 of every file
audit.json     the whole result; values of cells are masked, labels of rows that are text too
chain.jsonl    one line a verdict, each sealed with the hash of the line before
report.html    the same for reading
*.csv          verdicts, gaps, controls, record of processing, attestations
oscal.json     OSCAL assessment results
A check by rules on data and declared facts; not legal advice.
Check the archive with edgp_magics.verify("audit.zip").
"""


# -- writing -----------------------------------------------------------------------------------------------------------
def write_pack(result: AuditResult, path: Path) -> Path:
    """Write the pack; nothing in it depends on the time or the machine."""
    try:
        path.write_bytes(pack_bytes(pack_files(result)))
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot write `{path.as_posix()}`: {reason}.", hint="Is the folder there, and is there room?") from error
    return path


def pack_files(result: AuditResult) -> dict[str, bytes]:
    """The files of the pack by name, the manifest first."""
    from ...display import to_page

    bare = replace(result, run=None, agent="", narrative=None, context=())
    data = shareable(bare)
    chain = chained(data["clauses"])
    files = {
        "README.txt": README.encode(),
        "audit.json": _json(data),
        "chain.jsonl": "".join(_line(e) + "\n" for e in chain).encode(),
        "report.html": (to_page(bare.document()) + "\n").encode("utf-8", "replace"),
        "oscal.json": _json(assessment_results(data)),
        **_tables(data),
    }
    return _in_order({"manifest.json": _json(_manifest(data, files, chain)), **files})


def _in_order(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The manifest first, then the other files by name."""
    return dict(sorted(files.items(), key=lambda file: (file[0] != "manifest.json", file[0])))


def shareable(result: AuditResult) -> dict[str, Any]:
    """The result as plain data, without what may differ from run to run: run, agent, written text, passages."""
    data = {k: v for k, v in result.to_dict().items() if k not in ("run", "agent", "narrative", "context")}
    return data | {"catalogue_sha256": hashlib.sha256(catalogue_bytes()).hexdigest()}


def _manifest(data: Mapping[str, Any], files: Mapping[str, bytes], chain: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "catalogue": {"version": data["catalogue_version"], "sha256": data["catalogue_sha256"]},
        "as_of": data["as_of"],
        "datasets": [
            {
                "name": d["ref"]["name"],
                "fingerprint": d["ref"]["fingerprint"],
                "sha256": d["sha256"],
                "rows": d["ref"]["rows"],
                "columns": len(d["ref"]["columns"]),
                "bounds": d["bounds"],
            }
            for d in data["datasets"]
        ],
        "counts": data["counts"],
        "chain": {"entries": len(chain), "head": chain[-1]["hash"] if chain else START},
        "files": {name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in sorted(files.items())},
    }


def pack_bytes(files: Mapping[str, bytes]) -> bytes:
    """The archive: stored, in order, with one fixed time, so that equal files give equal bytes everywhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def chained(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Entries, each with the hash of the one before and its own."""
    out: list[dict[str, Any]] = []
    before = START
    for number, entry in enumerate(entries, 1):
        link = {"number": number, "previous": before, "entry": entry}
        before = hashlib.sha256(_line(link).encode()).hexdigest()
        out.append({**link, "hash": before})
    return out


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=True, sort_keys=True, indent=1) + "\n").encode()


_COLUMNS = {
    "clauses": "dataset id regulation citation title status severity violating_rows unit of columns message missing remediation",
    "gaps": "dataset clause title status severity message rows todo",
    "controls": "clause regulation citation title worst",
    "record_of_processing": "dataset item value source citation",
    "attestations": "dataset clause state statement by on expires",
}


def _tables(data: Mapping[str, Any]) -> dict[str, bytes]:
    """Every table as CSV; the matrix of controls has a column for each dataset."""
    names = [d["ref"]["name"] for d in data["datasets"]]
    rows = {name: data["record" if name == "record_of_processing" else name] for name in _COLUMNS}
    out = {name: [{k: row[k] for k in _COLUMNS[name].split()} for row in found] for name, found in rows.items()}
    for row, control in zip(out["controls"], data["controls"], strict=True):
        row |= {name if name not in row else f"{name} (dataset)": control["statuses"].get(name, "") for name in names}
    return {f"{name}.csv": _csv(_COLUMNS[name].split(), rows) for name, rows in out.items()}


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    names = list(dict.fromkeys([*columns, *(k for row in rows for k in row)]))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_safe(n) for n in names])
    for row in rows:
        writer.writerow([_safe(row.get(n, "")) for n in names])
    return out.getvalue().encode("utf-8", "replace")


def _safe(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return "'" + text if text.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


# -- reading -----------------------------------------------------------------------------------------------------------
def read_previous(given: Any) -> Mapping[str, Any]:
    """An earlier audit: a result, its plain data, or the file it was saved to; empty when there is none."""
    if given is None or (isinstance(given, (str, Mapping)) and not given):
        return {}
    if isinstance(given, Mapping) or hasattr(given, "to_dict"):
        return _an_audit(given if isinstance(given, Mapping) else given.to_dict(), type(given).__name__)
    path = Path(str(given)).expanduser()
    try:
        if path.suffix.lower() != ".zip":
            return _an_audit(_loads(path.read_bytes()), path.name)
        _unchanged(path)
        with zipfile.ZipFile(path) as archive:
            return _an_audit(_loads(archive.read("audit.json")), path.name)
    except (OSError, ValueError, DataNotFound) as error:
        raise _no_audit(path.name) from error


def _unchanged(path: Path) -> None:
    checked = verify_pack(path)
    if not checked.is_pack:
        raise _no_audit(path.name)
    if not checked:
        hint = "Give the pack as save() wrote it, or its audit.json to take it as it stands."
        raise BadOption(f"--previous: `{path.name}` is not as it was written: {checked.problems[0]}.", hint=hint, option="previous")


def _an_audit(value: Any, name: str) -> Mapping[str, Any]:
    """The plain data of an audit, as far as the next one reads them."""
    try:
        for clause in value["clauses"]:
            ClauseStatus(clause["status"])
            int(clause["violating_rows"])
        for dataset in value["datasets"]:
            _ = f"{dataset['ref']['name']} {int(dataset['ref']['rows'])} {dataset['sha256']}"
        found: Mapping[str, Any] = value
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_audit(name) from error
    return found


def _no_audit(name: str) -> BadOption:
    hint = "Give the .zip or .json that save() wrote."
    return BadOption(f"--previous: cannot read an audit from `{name}`.", hint=hint, option="previous")


@dataclass(frozen=True)
class Verification:
    """Whether an evidence pack is as it was written, and what is not."""

    ok: bool
    problems: tuple[str, ...]
    seal: str
    files: int
    datasets: tuple[Mapping[str, Any], ...] = ()
    is_pack: bool = True
    """Whether the file is an evidence pack at all, changed or not."""

    def __bool__(self) -> bool:
        return self.ok

    def view(self) -> View:
        """The answer as a page."""
        word = "unchanged" if self.ok else "CHANGED" if self.is_pack else "no evidence pack"
        head = f"The evidence pack is {word}: {plural(self.files, 'file')} checked." if self.is_pack else "This is no evidence pack."
        blocks: list[Any] = [Text(head, tone="strong"), Facts((("verdict", Badge(word)), ("seal", Code(self.seal or "none"))))]
        blocks += [Items(self.problems)] if self.problems else []
        rows = tuple(
            (str(d.get("name")), int(d.get("rows") or 0), Code(str(d.get("fingerprint"))), Code(str(d.get("sha256"))))
            for d in self.datasets
        )
        blocks += [Grid("Audited data", ("dataset", "rows", "fingerprint", "sha256"), rows)] if rows else []
        return View(Document("Evidence pack", tuple(blocks)), plain(self))

    def __repr__(self) -> str:
        return repr(self.view())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.view()._repr_mimebundle_(include, exclude)


def verify_pack(path: str | Path, *, seal: str | None = None) -> Verification:
    """Check every hash of a pack, its chain and its very bytes; any change is found.

    ``seal`` is the value an earlier :class:`Verification` gave: with it, even a pack that was rebuilt whole is found out.
    """
    source = Path(path).expanduser()
    if not source.is_file():
        raise DataNotFound(f"there is no file `{source.name}` to verify.", hint="Give the path of the .zip that save() wrote.")
    try:
        content = source.read_bytes()
    except OSError as error:
        return Verification(False, (f"it cannot be read: {error.strerror or type(error).__name__}",), "", 0)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGE as error:
        return _no_archive(content, str(error))
    with archive:
        if not {"manifest.json", "audit.json", "chain.jsonl"} & {*archive.namelist()}:
            return _no_archive(content, "it lists other files")
        if sum(i.file_size for i in archive.infolist()) > len(content):
            return Verification(False, ("it holds more than a pack can: it was not written by save()",), "", 0)
        files, spoilt = _members(archive)
    problems, manifest = _checked(files, content) if not spoilt else _checked_in_part(files, spoilt)
    own = hashlib.sha256(content).hexdigest()
    if seal is not None and seal != own:
        problems.append("the seal differs from the one given")
    return Verification(
        not problems, tuple(problems), own, len(files), tuple(d for d in manifest.get("datasets", ()) if isinstance(d, Mapping))
    )


_SIGNATURE = b"PK\x03\x04"
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError)
"""What reading one member of a damaged archive may raise."""


def _no_archive(content: bytes, why: str) -> Verification:
    """The answer for a file that does not open as an archive: a pack of which a part is gone, or something else."""
    if content.startswith(_SIGNATURE) and b"manifest.json" in content[:64]:
        return Verification(False, (f"it was a pack, but its directory is damaged or cut off, so no file can be read ({why})",), "", 0)
    kind = "an archive of other files" if content.startswith(_SIGNATURE) else "another kind of file" if content else "an empty file"
    why = f"it is {kind}; a pack is the .zip that save() wrote"
    return Verification(False, (f"this is no evidence pack: {why}",), "", 0, is_pack=False)


def _members(archive: zipfile.ZipFile) -> tuple[dict[str, bytes], list[str]]:
    """The files that can be read, and the names of those that cannot: the checksum of the archive tells each for itself."""
    files, spoilt = dict[str, bytes](), []
    for entry in archive.infolist():
        try:
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise zipfile.BadZipFile("not a way in which packs are stored")
            files[entry.filename] = archive.read(entry)
        except _DAMAGE:
            spoilt.append(entry.filename)
    return files, spoilt


def _checked(files: Mapping[str, bytes], content: bytes) -> tuple[list[str], Mapping[str, Any]]:
    """What is wrong with a pack of which every file can be read."""
    problems, manifest = _check_files(files)
    problems += _check_chain(files) + _check_made(files, manifest)
    if content != pack_bytes(_in_order(files)):
        problems.append("the archive itself differs from what was written (order, times, comments or extra bytes)")
    return problems, manifest


def _checked_in_part(files: Mapping[str, bytes], spoilt: Sequence[str]) -> tuple[list[str], Mapping[str, Any]]:
    """What is wrong where some files cannot be read: these first, then what the manifest says of the others."""
    problems = [f"{name}: content was changed (it cannot be read: its checksum or its header does not fit)" for name in spoilt]
    if "manifest.json" in spoilt:
        return problems, {}
    found, manifest = _check_files(files)
    return [*problems, *(line for line in found if line.removesuffix(": is missing") not in spoilt)], manifest


def _loads(content: bytes) -> Any:
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _check_files(files: Mapping[str, bytes]) -> tuple[list[str], Mapping[str, Any]]:
    try:
        manifest = _loads(files.get("manifest.json", b""))
        listed = {str(k): str(v["sha256"]) for k, v in manifest["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["there is no manifest that can be read"], {}
    problems = [f"{n}: is missing" for n in listed if n not in files]
    problems += [f"{n}: is not in the manifest" for n in files if n not in listed and n != "manifest.json"]
    problems += [f"{n}: content was changed" for n, mark in listed.items() if n in files and hashlib.sha256(files[n]).hexdigest() != mark]
    if manifest.get("format") != FORMAT:
        problems.append("manifest.json: is of another format")
    if files["manifest.json"] != _json(manifest):
        problems.append("manifest.json: content was changed")
    return problems, manifest


def _check_made(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[str]:
    """What is made from ``audit.json`` says what it says, so that a pack changed in one place and sealed anew is found out."""
    try:
        data = _loads(files.get("audit.json", b""))
        made = {"README.txt": README.encode(), "oscal.json": _json(assessment_results(data)), **_tables(data)}
        chain = [_loads(line) for line in files.get("chain.jsonl", b"").splitlines()]
        expected = _manifest(data, {n: c for n, c in files.items() if n != "manifest.json"}, chain)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["audit.json: does not hold an audit"]
    problems = [f"{name}: differs from audit.json" for name, content in made.items() if files.get(name) != content]
    names = [n for n in {**expected, **manifest} if _json(manifest.get(n)) != _json(expected.get(n))]
    return problems + [f"manifest.json: `{name}` differs from the files" for name in names]


def _check_chain(files: Mapping[str, bytes]) -> list[str]:
    try:
        links = [_loads(line) for line in files.get("chain.jsonl", b"").splitlines()]
        clauses = _loads(files.get("audit.json", b""))["clauses"]
        entries = [link["entry"] for link in links]
    except (ValueError, KeyError, TypeError):
        return ["chain.jsonl or audit.json: cannot be read"]
    problems = []
    for made, link in zip(chained(entries), links, strict=True):
        if made != link:
            problems.append(f"chain.jsonl: broken at entry {made['number']}")
            break
    return problems + ([] if entries == clauses else ["chain.jsonl: differs from audit.json"])
