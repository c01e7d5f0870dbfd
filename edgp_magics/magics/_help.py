"""Help, made from the command table."""

from __future__ import annotations

from ..capabilities import OptionSpec
from ..display import to_text
from ..values import Block, Code, Document, Grid, Listing, Text
from ._commands import COMMON_OPTIONS, Command, command, commands


def help_text() -> str:
    """What ``%governance?`` shows."""
    return to_text(help_document(""))


def help_document(verb: str) -> Document:
    """Help on one verb, or on all."""
    return _on(command(verb.strip())) if verb.strip() else _all()


def _all() -> Document:
    rows = tuple((Code(f"{c.name} {c.syntax}".strip()), c.summary) for c in commands().values())
    after = Text("What was asked for is an object: `result.explain(ID)`, `.to_frame()`, `.save(PATH)`. %governance help VERB says more.")
    usage = Listing(
        "%governance                        what is here and what can be done\n"
        "%governance VERB DATA [--option …] run a verb on a table, an expression or a file\n"
        "%%governance VERB DATA [--option …]\n"
        "    the cell body is the verb's input: checks, a question, YAML\n"
        "result = %governance VERB DATA     or: %governance VERB DATA -o result"
    )
    return Document(
        "%governance", (usage, Grid("Verbs", ("verb", "what it does"), rows), _options(COMMON_OPTIONS, "Options of every verb"), after)
    )


def _on(chosen: Command) -> Document:
    marks = "%%governance" if chosen.body and not chosen.spec else "%governance"
    blocks: list[Block] = [Text(chosen.summary[:1].upper() + chosen.summary[1:] + ".", tone="strong")]
    blocks.append(Listing(f"{marks} {chosen.name} {chosen.syntax} [--option value]".replace("  ", " ")))
    if chosen.body:
        blocks.append(Text(f"The body of a %%governance {chosen.name} cell: {chosen.body}."))
    if chosen.spec:
        doc = (chosen.spec.function.__doc__ or "").strip().split("\n\n")[0]
        blocks.append(Text(" ".join(doc.split())))
    blocks.append(_options(chosen.options, "Options"))
    blocks += [Listing(e) for e in chosen.examples]
    blocks += [Text(f"{chosen.note}.", tone="note")] if chosen.note else []
    return Document(f"%governance {chosen.name}", tuple(blocks))


def _options(options: tuple[OptionSpec, ...], caption: str) -> Grid:
    rows = tuple((Code(" / ".join(spellings(o))), _takes(o), _default(o), o.help) for o in options)
    return Grid(caption, ("option", "takes", "default", "what it does"), rows)


def spellings(option: OptionSpec) -> tuple[str, ...]:
    """How an option is written; what is on by itself is turned off with ``--no-…``."""
    if option.name == "o":
        return ("-o",)
    return (option.flag, option.flag.replace("--", "--no-", 1)) if option.default is True else (option.flag,)


def _takes(option: OptionSpec) -> str:
    if option.choices:
        return " | ".join(option.choices)
    if option.kind == "frame":
        return "name of a table"
    if option.kind == "variable":
        return "name of a variable, or a path"
    if option.kind == "secret":
        return "name of a variable with it"
    limits = [f"≥ {option.minimum:g}"] if option.minimum is not None else []
    limits += [f"≤ {option.maximum:g}"] if option.maximum is not None else []
    kind = {
        "flag": "nothing",
        "integer": "whole number",
        "number": "number",
        "text": "text",
        "list": "a,b,…",
        "value": "a value (Python only)",
    }
    return " ".join([kind.get(option.shape, option.shape), *limits])


def _default(option: OptionSpec) -> str:
    if option.default in (None, (), "", b"", False):
        return ""
    return "on" if option.default is True else str(option.default)
