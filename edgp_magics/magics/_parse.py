"""Cell text to tokens: brackets, quotes and comments are respected, nothing is expanded, the body stays as typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import UsageError

_OPEN, _CLOSE = "([{", ")]}"
_OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?$", re.S)


@dataclass(frozen=True)
class Invocation:
    """A parsed line: verb, what stands between it and the options, and the options as text (None for a bare flag)."""

    verb: str
    argument: str
    options: tuple[tuple[str, str | None], ...]
    body: str | None = None


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int


def parse(line: str, body: str | None = None, *, flags: frozenset[str] = frozenset(), lists: frozenset[str] = frozenset()) -> Invocation:
    """Read a magic line.

    The first word is the verb. ``--name value``, ``--name=value`` and ``-o name`` are options wherever they stand;
    names in ``flags`` take no value, those in ``lists`` keep the quotes of their items. The rest is the argument,
    exactly as typed; a ``#`` after a space begins a comment.

    >>> parse('profile sales["e u"] --top 5 -o p')
    Invocation(verb='profile', argument='sales["e u"]', options=(('top', '5'), ('o', 'p')), body=None)
    """
    tokens = list(_tokens(line))
    if not tokens:
        return Invocation("", "", (), body)
    verb, rest = tokens[0], tokens[1:]
    options: list[tuple[str, str | None]] = []
    plain: list[_Token] = []
    i = 0
    while i < len(rest):
        token = rest[i]
        i += 1
        if not _OPTION.fullmatch(token.text):
            plain.append(token)
            continue
        name, equals, value = token.text.lstrip("-").partition("=")
        if equals:
            options.append((name, value if name in lists else _unquote(value)))
        elif name in flags or i >= len(rest) or _OPTION.fullmatch(rest[i].text):
            options.append((name, None))
        else:
            options.append((name, rest[i].text if name in lists else _unquote(rest[i].text)))
            i += 1
    return Invocation(verb.text, _argument(line, plain), tuple(options), body)


def words_before(line: str) -> tuple[list[str], str]:
    """The finished words of a line that is being typed, and the word at its end, whose quote or bracket may be open.

    >>> words_before("scan df --columns 'customer i")
    (['scan', 'df', '--columns'], "'customer i")
    """
    tokens = list(_tokens(line, typing=True))
    current = tokens.pop().text if tokens and tokens[-1].end == len(line) else ""
    return [t.text for t in tokens], current


def _argument(line: str, tokens: list[_Token]) -> str:
    """The typed text of the argument: whole where its tokens stand together."""
    if not tokens:
        return ""
    text = line[tokens[0].start : tokens[-1].end]
    joined = " ".join(t.text for t in tokens)
    return text if "".join(text.split()) == "".join(joined.split()) else joined


def _tokens(line: str, *, typing: bool = False) -> Iterator[_Token]:
    depth, quote, start, i = 0, "", None, 0
    while i < len(line):
        char = line[i]
        if quote:
            if char == "\\":
                i += 1
            elif char == quote:
                quote = ""
        elif char == "#" and start is None:
            return
        elif char.isspace() and not depth:
            if start is not None:
                yield _Token(line[start:i], start, i)
                start = None
        else:
            start = i if start is None else start
            quote = char if _opens(line, i, start, depth) else ""
            depth += (char in _OPEN) - (char in _CLOSE)
        i += 1
    if (quote or depth > 0) and not typing:
        raise UsageError("a quote or bracket is not closed.", hint=f"In: {line.strip()[:80]}")
    if start is not None:
        yield _Token(line[start:], start, len(line))


def _opens(line: str, i: int, start: int, depth: int) -> bool:
    """Whether the character opens a quote; the one in ``it's`` does not."""
    return line[i] in "'\"" and (i == start or not line[i - 1].isalpha() or depth > 0)


def _unquote(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
