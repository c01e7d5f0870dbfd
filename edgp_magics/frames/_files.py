"""Files as Arrow tables: Parquet (a file or a folder of them) and separated text, with what had to be assumed of it."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import DataNotFound, UnsupportedData
from ._reading import reason_of

SUFFIXES = (".parquet", ".pq", ".csv", ".tsv", ".csv.gz", ".tsv.gz")
"""Names that end so are files that can be read."""
_SHEETS = (".xlsx", ".xls", ".xlsm", ".ods")
_DELIMITERS = ",;\t|"
_SAMPLE = 65_536
_LINES = 50
_FOREIGN = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_ROW_TEXT = re.compile(r"(got \d+):.*")
_WESTERN = "cp1252"
"""What a few accents are read as where they could be of several encodings."""
_ENCODINGS = (
    *(f"cp{n}" for n in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 437, 850, 874, 932, 949)),
    *("big5", "euc_jp", "gb18030", "koi8_r", "mac_roman"),
)
_LEADING_ZERO = r"^[+-]?0[0-9]"


@dataclass(frozen=True)
class ReadTable:
    """A file's table, the dtype of each column as text, and what was assumed in reading it."""

    table: pa.Table
    dtypes: tuple[str, ...]
    notes: tuple[str, ...] = ()


def is_table_file(text: str) -> bool:
    """Whether the text reads like the path of a table (a sheet among them, which is refused with a hint); looks at no file.

    >>> is_table_file("~/data/x.csv.gz"), is_table_file("df.head")
    (True, False)
    """
    return text.lower().endswith((*SUFFIXES, *_SHEETS))


def file_stem(path: Path) -> str:
    """The file's name without what says its format."""
    return path.name.removesuffix(".gz").removesuffix(".GZ").rsplit(".", 1)[0] or path.name


def read_file(path: Path) -> tuple[ReadTable, Literal["parquet", "csv"]]:
    """The table of a file; an unreadable one raises :class:`UnsupportedData` in one line."""
    path = path.expanduser()
    folder = path.is_dir()
    if not folder and not path.name.lower().endswith(SUFFIXES):
        raise UnsupportedData(f"`{path.name}` is not a table file.", hint=_other(path), path=str(path))
    if not folder and not path.is_file():
        raise DataNotFound(f"no file `{path}`.", hint="Check the path; it is relative to the notebook's folder.", path=str(path))
    parquet = folder or path.name.lower().endswith((".parquet", ".pq"))
    try:
        return (_read_parquet(path), "parquet") if parquet else (_read_csv(path), "csv")
    except (pa.ArrowException, OSError, UnicodeError, EOFError) as error:
        reason = _ROW_TEXT.sub(r"\1", reason_of(error))
        hint = "Is the file complete?" if parquet else "Read it with pandas.read_csv and its options, and give that table."
        raise UnsupportedData(f"cannot read `{path.name}`: {reason}.", hint=hint, path=str(path)) from error


def _other(path: Path) -> str:
    if path.suffix.lower() in _SHEETS:
        return f"Read the sheet first: df = pandas.read_excel({path.name!r})."
    return f"Files: {', '.join(SUFFIXES)}, or a folder of Parquet files."


def _read_parquet(path: Path) -> ReadTable:
    import pyarrow.parquet as pq

    if path.is_dir() and not any(p.suffix.lower() in (".parquet", ".pq") for p in path.rglob("*.p*q*")):
        raise UnsupportedData(f"`{path.name}` is a folder without Parquet files.", hint=_other(path), path=str(path))
    table = pq.read_table(path)
    return ReadTable(table, tuple(str(t) for t in table.schema.types))


# -- separated text ----------------------------------------------------------------------------------------------
def _read_csv(path: Path) -> ReadTable:
    sample = _start(path)
    if not sample:
        return ReadTable(pa.table({}), ())
    encoding = _marked(sample)
    delimiter = _delimiter(sample.decode(encoding, "replace"), path)
    table = _table(path, delimiter, encoding)
    if _is_foreign(table):
        encoding = _guessed(path)
        table = _table(path, delimiter, encoding)
    zeros = _with_leading_zeros(path, delimiter, encoding, table)
    for position, column in zeros.items():
        table = table.set_column(position, table.schema.field(position).with_type(column.type), column)
    dtypes = [str(t) for t in table.schema.types]
    for position in zeros:
        dtypes[position] += " (leading zeros kept)"
    return ReadTable(table, tuple(dtypes), _notes(delimiter, encoding, path))


def _is_foreign(table: pa.Table) -> bool:
    """Whether a cell or the header is not UTF-8: Arrow says binary of such cells, and cannot give such a name."""
    try:
        return bool(table.column_names) and any(pa.types.is_binary(t) for t in table.schema.types)
    except UnicodeDecodeError:
        return True


def _notes(delimiter: str, encoding: str, path: Path) -> tuple[str, ...]:
    usual = "\t" if ".tsv" in path.name.lower() else ","
    shown = "a tab" if delimiter == "\t" else repr(delimiter)
    notes = [f"read as separated by {shown}"] if delimiter != usual else []
    return (*notes, *([f"read as {encoding}"] if encoding != "utf-8" else []))


def _table(path: Path, delimiter: str, encoding: str, **convert: Any) -> pa.Table:
    import pyarrow.csv as pa_csv

    read = pa_csv.ReadOptions(encoding=encoding, **convert.pop("read", {}))
    return pa_csv.read_csv(
        pa.input_stream(str(path), compression="gzip" if path.suffix.lower() == ".gz" else None),
        read_options=read,
        parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(strings_can_be_null=True, **convert),
    )


def _with_leading_zeros(path: Path, delimiter: str, encoding: str, table: pa.Table) -> dict[int, pa.ChunkedArray]:
    """Columns read as numbers in which a cell starts with a needless zero, as text: a code, such as a postal one."""
    numbers = [i for i, t in enumerate(table.schema.types) if pa.types.is_integer(t) or pa.types.is_floating(t)]
    if not numbers or not table.num_rows:
        return {}
    names = [f"c{i}" for i in range(table.num_columns)]  # a file's own names may repeat
    wanted = [names[i] for i in numbers]
    read = {"column_names": names, "skip_rows_after_names": 1}
    texts = _table(path, delimiter, encoding, read=read, include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()))
    return {
        i: column
        for i, column in zip(numbers, texts.columns, strict=True)
        if pc.any(pc.match_substring_regex(column, _LEADING_ZERO)).as_py()
    }


def _open(path: Path) -> io.BufferedIOBase:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _start(path: Path) -> bytes:
    with _open(path) as file:
        return file.read(_SAMPLE)


def _marked(sample: bytes) -> str:
    """The encoding that the file's first bytes name; UTF-8 where they name none."""
    return "utf-16" if sample[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"


def _guessed(path: Path) -> str:
    """The likeliest encoding of the lines that are not plain ASCII."""
    from charset_normalizer import from_bytes

    lines: list[bytes] = []
    with _open(path) as file:
        while sum(map(len, lines)) < _SAMPLE and (part := file.read(1 << 20)):
            lines += _FOREIGN.findall(part)
    found = from_bytes(b"\n".join(lines)[:_SAMPLE], cp_isolation=list(_ENCODINGS))
    best = found.best()
    if best is None:
        return _WESTERN
    equal = [m for m in found if (m.chaos, m.coherence) == (best.chaos, best.coherence)]
    return _WESTERN if any(_WESTERN in m.could_be_from_charset for m in equal) else best.encoding


def _delimiter(text: str, path: Path) -> str:
    """The separator that splits the first lines into as many parts as the header has."""
    usual = "\t" if ".tsv" in path.name.lower() else ","
    lines = text.lstrip("\ufeff").splitlines()[:_LINES]
    best = max(_DELIMITERS, key=lambda d: (_evenness(lines, d), d == usual))
    return best if _evenness(lines, best) > (0.0, 0) else usual


def _evenness(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """The share of rows as wide as the header, and that width; nothing where the header is one cell."""
    rows = [r for r in csv.reader(lines, delimiter=delimiter) if r]
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    return sum(len(r) == len(rows[0]) for r in rows) / len(rows), len(rows[0])
