"""The evidence pack: one archive with every artefact of an audit, the same bytes for the same audit."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import struct
import uuid
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ...errors import BadOption, DataNotFound, UsageError
from ...values import Badge, ClauseStatus, Code, Document, Facts, Grid, Items, Text, View, plain, plural
from ._catalogue import catalogue_bytes
from ._oscal import assessment_results

if TYPE_CHECKING:
    from .._audit import AuditResult

FORMAT = "edgp-evidence-3"
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
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")  # two notebooks may write, and a third read, at once
    try:
        part.write_bytes(pack_bytes(pack_files(result)))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
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
    if not checked and checked.known:  # of one by another version hashes and chain fit, and what people stated there goes on
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
    notes: tuple[str, ...] = ()
    """What the answer does not cover."""
    known: bool = True
    """Whether this version can tell: what is made in a pack differs by its format."""

    def __bool__(self) -> bool:
        return self.ok

    @property
    def word(self) -> str:
        """The answer in a word or two."""
        if not self.is_pack:
            return "no evidence pack"
        return "unchanged" if self.ok else "CHANGED" if self.known else "not verified"

    def view(self) -> View:
        """The answer as a page."""
        done = f"{plural(self.files, 'file')} checked"
        head = f"The evidence pack is {self.word}: {done}." if self.is_pack else "This is no evidence pack."
        blocks: list[Any] = [Text(head, tone="strong"), Facts((("verdict", Badge(self.word)), ("seal", Code(self.seal or "none"))))]
        blocks += [Items(self.problems)] if self.problems else []
        blocks += [Text(note, tone="note") for note in self.notes]
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


_IN_PART = "Its hashes, its chain and its bytes fit each other; whether its tables were made from audit.json was not looked at."
_KEEP = "Keep the seal apart from the pack: verify(path, seal=...) finds even a pack that was made anew as a whole."


def verify_pack(path: str | Path, *, seal: str | None = None) -> Verification:
    """Check every hash of a pack, its chain and its very bytes; any change is found.

    ``seal`` is the value an earlier :class:`Verification` gave: with it, even a pack that was rebuilt whole is found out.
    """
    content = _content(path)
    if content is None:
        return Verification(False, ("it cannot be read: the system refuses it",), "", 0)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGE as error:
        return _no_archive(content, str(error))
    with archive:
        if not _is_pack(archive):
            return _no_archive(content, "it lists other files")
        if why := _made_otherwise(archive, len(content)):
            return Verification(False, (why,), "", 0)
        files, spoilt = _members(archive)
        form = _form(archive, files, content) if not spoilt else []
    found, manifest = _checked(files) if not spoilt else _checked_in_part(files, spoilt)
    problems, own = [*found, *form], hashlib.sha256(content).hexdigest()
    if seal is not None and seal.strip().casefold() != own:
        problems.append("the seal differs from the one given")
    datasets, other = tuple(d for d in manifest.get("datasets", ()) if isinstance(d, Mapping)), _of_other_version(manifest)
    notes = (_KEEP,) if not (problems or other or seal) else (_IN_PART,) if other and not problems else ()
    known = bool(problems) or not other
    return Verification(
        known and not problems, (*problems, *([other] if other else [])), own, len(files), datasets, notes=notes, known=known
    )


def _content(path: Any) -> bytes | None:
    """The bytes of the file; None where the system does not give them."""
    if not isinstance(path, (str, os.PathLike)):
        hint = "Write the pack with result.save('audit.zip') and give that path."
        raise BadOption(f"verify reads a file, not a `{type(path).__name__}`.", hint=hint, option="path")
    source = Path(path).expanduser()
    if source.is_dir():
        raise DataNotFound(
            f"`{source.name}` is a folder.", hint="Give the path of the .zip that save() wrote, not of what was unpacked from it."
        )
    if not source.is_file():
        raise DataNotFound(f"there is no file `{source.name}` to verify.", hint="Give the path of the .zip that save() wrote.")
    try:
        return source.read_bytes()
    except OSError:
        return None


_SIGNATURE = b"PK\x03\x04"
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError)
"""What reading one member of a damaged archive may raise."""
_OWN = frozenset({"manifest.json", "audit.json", "chain.jsonl"})


def _is_pack(archive: zipfile.ZipFile) -> bool:
    """Whether the archive is a pack, whatever became of it: two of its own files are there (others have a manifest, too)."""
    return len(_OWN & {PurePosixPath(n).name for n in archive.namelist()}) > 1


def _made_otherwise(archive: zipfile.ZipFile, size: int) -> str:
    """Why the archive was not written by save(), where that shows before a file is read; blank where it does not."""
    entries = archive.infolist()
    if not _OWN & {*archive.namelist()}:
        return "its files lie in a folder of the archive: it was unpacked and zipped again; verify the file that save() wrote"
    if sum(i.file_size for i in entries) > size:
        return "its files are compressed, as those of a pack never are: it was unpacked and zipped again; verify the file that save() wrote"
    return ""


def _no_archive(content: bytes, why: str) -> Verification:
    """The answer for a file that does not open as an archive: a pack of which a part is gone, or something else."""
    if content.startswith(_SIGNATURE) and b"manifest.json" in content[:64] and b"edgp-evidence-" in content[:10_000]:
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


def _form(archive: zipfile.ZipFile, files: Mapping[str, bytes], content: bytes) -> list[str]:
    """What is wrong with the archive itself, though its files may be right."""
    names = archive.namelist()
    twice = [f"{n}: stands in the archive {times} times" for n, times in Counter(names).items() if times > 1]
    if twice:
        return twice
    if archive.comment:
        return ["the archive carries a comment, which save() does not write"]
    if names != [*_in_order(files)]:
        return ["the files stand in another order than they were written in"]
    return [] if content == pack_bytes(files) else ["the archive itself differs from what was written (times, attributes or extra bytes)"]


def _checked(files: Mapping[str, bytes]) -> tuple[list[str], Mapping[str, Any]]:
    """What is wrong with a pack of which every file can be read."""
    problems, manifest = _check_files(files)
    if files.keys() >= _OWN:
        problems += _check_chain(files)
    if "audit.json" in files and not _of_other_version(manifest):
        problems += _check_made(files, manifest, problems)
    return problems, manifest


def _named_format(manifest: Mapping[str, Any]) -> bool:
    return re.fullmatch(r"edgp-evidence-[0-9]{1,4}", str(manifest.get("format"))) is not None


def _of_other_version(manifest: Mapping[str, Any]) -> str:
    """That the pack was written by another version, which knows how its tables and its OSCAL document are made; else blank."""
    if not _named_format(manifest) or manifest["format"] == FORMAT:
        return ""
    return f"manifest.json: its format is {manifest['format']}, and this version knows {FORMAT}: verify it with the version that wrote it"


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
    if "manifest.json" not in files:
        return ["manifest.json: is missing"], {}
    try:
        manifest = _loads(files["manifest.json"])
        listed = {str(k): str(v["sha256"]) for k, v in manifest["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["manifest.json: cannot be read as one"], {}
    problems = [f"{n}: is missing" for n in listed if n not in files]
    problems += [f"{n}: is not in the manifest" for n in files if n not in listed and n != "manifest.json"]
    problems += [f"{n}: content was changed" for n, mark in listed.items() if n in files and hashlib.sha256(files[n]).hexdigest() != mark]
    if not _named_format(manifest):
        problems.append("manifest.json: is of another format")
    if files["manifest.json"] != _json(manifest):
        problems.append("manifest.json: content was changed")
    return problems, manifest


def _check_made(files: Mapping[str, bytes], manifest: Mapping[str, Any], told: Sequence[str]) -> list[str]:
    """What is made from ``audit.json`` says what it says, so that a pack changed in one place and sealed anew is found out.

    ``told`` is what is known already: a file that is named there is not named again, nor is what the manifest says of the files.
    """
    try:
        data = _loads(files["audit.json"])
        made = {"README.txt": README.encode(), "oscal.json": _json(assessment_results(data)), **_tables(data)}
        chain = [_loads(line) for line in files.get("chain.jsonl", b"").splitlines()]
        expected = _manifest(data, {n: c for n, c in files.items() if n != "manifest.json"}, chain)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["audit.json: does not hold an audit"]
    named = {line.partition(": ")[0] for line in told}
    problems = [f"{n}: differs from audit.json" for n, c in made.items() if n in files and files[n] != c and n not in named]
    problems += [f"{n}: is missing" for n in made if n not in files and n not in named]
    if told or problems or not manifest:
        return problems
    names = [n for n in {**expected, **manifest} if _json(manifest.get(n)) != _json(expected.get(n))]
    return [f"manifest.json: `{name}` differs from the files" for name in names]


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
