"""A cell body as entries: one per check, each with the line it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ...errors import BadCellBody

_BULLET = re.compile(r"^\s*[-*•]\s+")
_HEADER = re.compile(r"^\s*checks\s+for\s+(.+?)\s*:\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """One check as written: ``text``, and what stood below or behind it (``detail``)."""

    text: str
    detail: Any = None
    line: int | None = None


@dataclass(frozen=True)
class Body:
    """A body read: its entries, or a whole document (ODCS, dbt schema, Great Expectations suite) with the lines of its parts.

    ``tables`` are the names in ``checks for NAME:`` with their lines.
    """

    entries: tuple[Entry, ...] = ()
    document: Mapping[str, Any] | None = None
    tables: tuple[tuple[str, int], ...] = ()


class Lined(dict[str, Any]):
    """A mapping that knows on which line it stands."""

    line: int = 0


def read_body(text: str) -> Body:
    r"""The entries of a body: a YAML document where it is one, else line by line.

    >>> [e.text for e in read_body("- missing_count(email) = 0\n- country -> currency").entries]
    ['missing_count(email) = 0', 'country -> currency']
    """
    if not text.strip():
        return Body()
    node = _compose(text)
    found = ((match, number) for number, line in enumerate(text.splitlines(), 1) if (match := _HEADER.match(line)))
    tables = tuple((match.group(1).strip("\"'`"), number) for match, number in found)
    if isinstance(node, yaml.MappingNode):
        value = plain_node(node)
        if _is_document(value):
            return Body(document=value)
    if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)):
        return Body(entries=tuple(_entries(node)), tables=tables)
    return Body(entries=tuple(_lines(text)), tables=tables)


def _compose(text: str) -> yaml.Node | None:
    """The body as a YAML tree, or None where it is plain lines."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        lines = text.splitlines()
        nested = any(re.match(r"^\s{3,}\S", line) and not _BULLET.match(line) for line in lines)
        if nested:
            where = mark.line + 1 if mark is not None else None
            raise BadCellBody(
                f"this is not YAML ({error.problem}).", line=where, hint="Quote values that hold : # @ % or brackets."
            ) from None
        return None
    except yaml.YAMLError:
        return None


def _is_document(value: Mapping[str, Any]) -> bool:
    return bool({"apiVersion", "schema", "quality", "models", "sources", "expectations", "columns"} & set(value))


def _lines(text: str) -> Iterable[Entry]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = _BULLET.sub("", line).strip()
        if stripped and not stripped.startswith("#") and not _HEADER.match(line):
            yield Entry(_without_comment(stripped), line=number)


def _without_comment(line: str) -> str:
    """The line without `` # comment``; a ``#`` in quotes or a pattern (no blank before it) stays.

    >>> _without_comment("age >= 0  # years"), _without_comment("code matches ^#[0-9]+$")
    ('age >= 0', 'code matches ^#[0-9]+$')
    """
    quoted = ""
    for place, char in enumerate(line):
        if quoted:
            quoted = "" if char == quoted else quoted
        elif char in "\"'":
            quoted = char
        elif char == "#" and place and line[place - 1].isspace():
            return line[:place].rstrip()
    return line


def _entries(node: yaml.Node) -> Iterable[Entry]:
    """Items of a list, or of the lists under ``checks for NAME:``; a mapping of one key is a check with detail."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            if re.match(r"(?i)checks(\s+for\s+.+)?$", name) or (
                isinstance(value, yaml.SequenceNode) and re.match(r"(?i)filter", name) is None
            ):
                yield from _entries(value)
            else:
                yield Entry(name, plain_node(value), key.start_mark.line + 1)
        return
    for item in node.value:
        line = item.start_mark.line + 1
        if isinstance(item, yaml.ScalarNode):
            yield Entry(str(item.value).strip(), line=line)
        elif isinstance(item, yaml.MappingNode) and item.value:
            key, value = item.value[0]
            whole = plain_node(item)
            yield Entry(str(key.value), plain_node(value), line) if len(item.value) == 1 else Entry("", whole, line)
        else:
            yield Entry("", plain_node(item), line)


def plain_node(node: yaml.Node) -> Any:
    """A YAML tree as Python values; ``NO``, ``on`` and dates stay text, mappings know their line."""
    if isinstance(node, yaml.MappingNode):
        out = Lined((str(k.value), plain_node(v)) for k, v in node.value)
        out.line = node.start_mark.line + 1
        return out
    if isinstance(node, yaml.SequenceNode):
        return [plain_node(v) for v in node.value]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if node.tag.endswith(":int") and not (len(text) > 1 and text.lstrip("+-").startswith("0")):
        return int(text.replace("_", ""), 0)
    if node.tag.endswith(":float"):
        return float(text.replace("_", ""))
    if node.tag.endswith(":null"):
        return None
    if node.tag.endswith(":bool") and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text
