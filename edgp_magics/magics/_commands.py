"""The command table: one entry a command. Parser, help and completion are made from it."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..capabilities import CAPABILITIES, CapabilitySpec, OptionSpec
from ..errors import UnknownName
from ..values import AgentType

Argument = Literal["data", "text", "name", "none"]


@dataclass(frozen=True)
class Command:
    """A verb of the magic: what stands after it, what its cell body means, its options, who handles it."""

    name: str
    summary: str
    target: str
    argument: Argument = "none"
    syntax: str = ""
    body: str = ""
    examples: tuple[str, ...] = ()
    note: str = ""
    own: tuple[OptionSpec, ...] = ()
    spec: CapabilitySpec | None = field(default=None, compare=False)

    @property
    def options(self) -> tuple[OptionSpec, ...]:
        """Its own options, then those every command has."""
        own = self.spec.options + RUN_OPTIONS if self.spec else self.own
        return own + COMMON_OPTIONS

    @property
    def flags(self) -> frozenset[str]:
        """Options that take no value."""
        return frozenset(
            n for o in self.options if o.shape == "flag" for n in (o.name, o.name.replace("_", "-"), f"no-{o.name.replace('_', '-')}")
        )

    @property
    def lists(self) -> frozenset[str]:
        """Options that take several values, whose quotes are read item by item."""
        return frozenset(n for o in self.options if o.shape == "list" for n in (o.name, o.name.replace("_", "-")))

    @property
    def handler(self) -> Callable[..., Any]:
        """The function that does it: ``f(session, invocation, options)``."""
        return _load(self.target)


@functools.cache
def _load(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(f".{module}", __package__), name)
    return found


COMMON_OPTIONS = (
    OptionSpec("o", "text", None, "store the result under this name", optional=True),
    OptionSpec("debug", "flag", False, "show the traceback of an error"),
)
RUN_OPTIONS = (
    OptionSpec("name", "text", None, "what findings and reports call the data", optional=True),
    OptionSpec("as_of", "text", None, "the date to judge freshness and ages by, YYYY-MM-DD", optional=True),
    OptionSpec("dry_run", "flag", False, "show what would be read and run; run nothing"),
)

ANSWERING = (
    OptionSpec("key", "text", None, "the name of a variable (kernel or environment) with the secret of a keyed preset", optional=True),
    OptionSpec("widget", "flag", False, "also show what the run asks as a list with buttons; -o keeps it"),
)

_OWN: tuple[Command, ...] = (
    Command("agents", "the five agents and what each can do", "_handlers:agents"),
    Command("capabilities", "everything that can be run, with its options", "_handlers:capabilities"),
    Command(
        "workflows",
        "the workflows there are; --runs lists the runs that are kept",
        "_handlers:workflows",
        own=(
            OptionSpec("runs", "flag", False, "the runs whose state is kept, and where each stands"),
            OptionSpec("run", "text", None, "the checkpoints of one run", optional=True),
            OptionSpec("forget", "text", None, "delete the kept state of a run", optional=True),
        ),
        examples=("%governance workflows --runs",),
    ),
    Command("datasets", "the tables in this kernel, and those already looked at", "_handlers:datasets"),
    Command(
        "workflow",
        "run a workflow on a table; a cell body describes a graph of your own",
        "_handlers:workflow",
        "data",
        "NAME DATA",
        body=(
            "a graph as YAML (NAME may be left out). `nodes:` are `quality: assess`, "
            "`personal: {capability: scan, options: {sample: 5000}}`, "
            "`ask: {approve: repair}` (asks about the plan of the node repair), `mended: {apply: repair}` (makes what was approved). "
            "`edges:` are a list: `- start -> quality, personal`, `- quality -> repair when score < 95 or severity >= high`, "
            "`- quality -> end otherwise`, `- ask -> mended when approved > 0`. What nothing follows leads to the end"
        ),
        own=(
            OptionSpec("approve", "text", None, "a standing answer to approvals: auto, all, none or a confidence", optional=True),
            OptionSpec("preset", "text", None, "how to de-identify: mask, hipaa_safe_harbor, pci", optional=True),
            *ANSWERING,
            OptionSpec("reference", "text", None, "a table of the kernel to compare with", kind="frame", optional=True),
            OptionSpec("frames", "list", (), "other tables, for a workflow that looks at several", kind="frame"),
        ),
        examples=("%governance workflow comprehensive_data_assessment orders",),
    ),
    Command(
        "resume",
        "go on with a workflow that waits for an answer, failed or was interrupted",
        "_handlers:resume",
        "name",
        "RUN",
        own=(
            OptionSpec("approve", "text", None, "auto, all, none, a confidence, numbers such as 1,3-5, or action ids", optional=True),
            OptionSpec("interrupt", "text", None, "which question is answered, where several wait: its step or id", optional=True),
            OptionSpec("data", "text", None, "the table, where it has another name in this kernel", optional=True),
            OptionSpec("checkpoint", "text", None, "go back to this moment: no. or id in workflows --run ID", optional=True),
            *ANSWERING,
        ),
        examples=("%governance resume wf-1a2b3c4d --approve 1,3-5",),
    ),
    Command(
        "ask",
        "say it in plain words; the best capability is chosen and named",
        "_handlers:ask",
        "data",
        "DATA [QUESTION]",
        body=(
            "the question. It may stand after DATA on one line instead, then without a ? at its end: "
            "IPython takes a line that ends in ? for a question about Python"
        ),
        examples=("%%governance ask orders\nwhich columns hold personal data?", "%governance ask orders which columns hold personal data"),
    ),
    Command(
        "why",
        "why a finding stands: rule, computation, rows, clause, passages",
        "_handlers:why",
        "name",
        "ID",
        examples=("%governance why F-1a2b3c4d",),
    ),
    Command(
        "review",
        "the actions of a plan; accept, reject or take rows out of one",
        "_handlers:review",
        "name",
        "PLAN",
        own=(
            OptionSpec("accept", "list", (), "action ids to accept"),
            OptionSpec("reject", "list", (), "action ids to reject"),
            OptionSpec("edit", "text", None, "an action id whose cells get the value of --to", optional=True),
            OptionSpec("to", "text", None, "with --edit: the new value; without it the cells are emptied", optional=True),
            OptionSpec("rows", "list", (), "only the cells of these rows, as the preview names them"),
            OptionSpec("values", "list", (), "only the cells that hold one of these"),
            OptionSpec("widget", "flag", False, "also show the list with buttons; -o keeps the review"),
        ),
        examples=("%governance review plan --accept A1,A2 -o plan",),
    ),
    Command(
        "apply",
        "make the fixes of a plan in a new table",
        "_handlers:apply",
        "name",
        "PLAN",
        own=(
            OptionSpec("approve", "text", "auto", "auto, all, accepted, action ids, or a confidence such as 0.9"),
            OptionSpec("data", "text", None, "the table, when the plan was loaded from a file", optional=True),
            OptionSpec("log", "text", None, "store the change log under this name", optional=True),
            OptionSpec("log_file", "text", None, "also save the change log, with its raw values, to undo in another kernel", optional=True),
            OptionSpec("code", "flag", False, "write the same fix as plain pandas into the next cell"),
        ),
        examples=("%governance apply plan -o clean",),
    ),
    Command(
        "undo",
        "the table as it was before the last apply, or before that of a log",
        "_handlers:undo",
        "name",
        "[LOG]",
        own=(OptionSpec("data", "text", None, "the changed table, when the log was loaded from a file", optional=True),),
        examples=("%governance undo -o orders",),
    ),
    Command(
        "rag",
        "ask the knowledge: ranked passages, why each, what was near the cut-off",
        "_services:rag",
        "text",
        '"QUESTION"',
        body="the question",
        own=(
            OptionSpec("k", "integer", 5, "passages shown", minimum=1, maximum=50),
            OptionSpec("mode", "choice", "hybrid", "how to rank", choices=("hybrid", "dense", "lexical")),
            OptionSpec("agent", "choice", None, "only this agent's knowledge", choices=tuple(a.value for a in AgentType), optional=True),
            OptionSpec("jurisdiction", "text", None, "only this jurisdiction, such as EU", optional=True),
            OptionSpec("kind", "text", None, "only regulation, practice, procedure or template", optional=True),
            OptionSpec("source", "text", None, "only this document", optional=True),
            OptionSpec("as_of", "text", None, "only what holds on this day, YYYY-MM-DD", optional=True),
            OptionSpec("widget", "flag", False, "also show controls: k, mode, filter, neighbours of a passage"),
        ),
        examples=('%governance rag "how long may we keep CVs?" --k 3',),
    ),
    Command(
        "knowledge",
        "what the knowledge base holds; add and remove documents",
        "_services:knowledge",
        "text",
        "status | list | add PATH | remove SOURCE",
        own=(
            OptionSpec(
                "agent", "choice", None, "for which agent a document is added", choices=tuple(a.value for a in AgentType), optional=True
            ),
        ),
        examples=("%governance knowledge list",),
    ),
    Command(
        "messages",
        "what the agents said to each other, as a sequence chart",
        "_observe:messages",
        own=(
            OptionSpec("dead", "flag", False, "the messages that were not delivered, and why"),
            OptionSpec("replay", "text", None, "send one of these again (its id), or all", optional=True),
        ),
        examples=("%governance messages --dead",),
    ),
    Command(
        "trace",
        "where the time of a run went: steps, capabilities, messages, retrievals",
        "_observe:trace",
        "name",
        "[RUN]",
        examples=("%governance trace wf-1a2b3c4d",),
    ),
    Command(
        "monitor",
        "runs, messages and retrievals of this kernel, and their times, drawn",
        "_observe:monitor",
        own=(OptionSpec("live", "flag", False, "refreshed in place, until it is stopped or nothing is new for two minutes"),),
        examples=("%governance monitor --live",),
    ),
    Command(
        "history",
        "quality and findings of a table over time",
        "_services:history",
        "text",
        "[NAME]",
        examples=("%governance history orders",),
    ),
    Command("log", "the hash-chained audit log, and whether it is whole", "_services:audit_log"),
    Command("health", "the state of every part; nothing is sent anywhere", "_handlers:health"),
    Command(
        "config",
        "settings, their values and where each comes from; sets one",
        "_handlers:config",
        "name",
        "[NAME VALUE]",
        examples=("%governance config seed 7",),
    ),
    Command("help", "help on a verb", "_handlers:help_", "name", "VERB", examples=("%governance help profile",)),
)


_REPAIR = "%governance clean orders -o plan, then %governance apply plan."
_CHECKS = "%%governance assess orders, with a check on each line below it: qty >= 0."
_OTHER_WORDS = {
    **dict.fromkeys(("drift", "compare", "diff"), "%governance profile june --reference orders."),
    **dict.fromkeys(("dedupe", "deduplicate", "duplicates"), "%governance clean orders: duplicate rows are among what it finds."),
    **dict.fromkeys(("pii", "privacy", "personal", "sensitive"), "%governance scan customers."),
    **dict.fromkeys(("quality", "score"), "%governance assess orders."),
    **dict.fromkeys(("fix", "repair", "correct"), _REPAIR),
    **dict.fromkeys(("validate", "test"), _CHECKS),
    **dict.fromkeys(
        ("deidentify", "de_identify", "anonymize", "anonymise", "pseudonymize", "pseudonymise", "mask", "redact", "tokenize", "tokenise"),
        "%governance resolve customers --privacy mask -o plan, or .deidentify() of a scan.",
    ),
    **dict.fromkeys(("attest", "attestation", "override"), "%%governance audit customers, with attestations: or overrides: below it."),
    **dict.fromkeys(("risk", "k_anonymity", "reidentification"), "%governance scan customers --quasi-identifiers zip,gender."),
    **dict.fromkeys(("hipaa", "pci", "ccpa", "lgpd", "pdpa", "sox"), "%governance check customers --regulations hipaa,pci."),
    "verify": 'edgp_magics.verify("audit.zip"), the pack that audit.save("audit.zip") wrote.',
    **dict.fromkeys(("describe", "summary", "summarize", "summarise", "info"), "%governance profile orders."),
    **dict.fromkeys(("outliers", "outlier"), "%governance anomalies orders."),
    **dict.fromkeys(("chart", "graph", "visualize", "visualise"), "%governance plot orders --kind missing."),
    **dict.fromkeys(("gdpr", "comply", "compliance"), "%governance check customers --regulations gdpr."),
    "explain": "%governance why F-1a2b3c4d, the id at the end of a finding's row.",
    "search": '%governance rag "how long may we keep CVs".',
}
"""What people type for a verb, and the cell that does it."""


@functools.cache
def commands() -> dict[str, Command]:
    """Every command by name: the capabilities by verb, then the others."""
    runs = (_of_capability(s) for s in CAPABILITIES.values())
    return {c.name: c for c in (*runs, *_OWN)}


_NO_ADVICE = "It is not legal advice: clauses are working summaries, and the cited texts prevail"
_NOTES = {"scan": "Presets are technical measures; this is not legal advice", "check": _NO_ADVICE, "audit": _NO_ADVICE}
_FURTHER = {
    "scan": (
        "scan = %governance scan customers\n"
        'scan.explain("email")  # why a column is personal, or is not\n'
        'plan = scan.deidentify(customers, preset="mask")  # or hipaa_safe_harbor, pci; pdpa, pseudonymise with key=\n'
        "%governance apply plan --approve all -o safe\n"
        "%governance scan safe",
    ),
    "check": (
        "%%governance check customers -o check\npurpose: newsletter\nlawful_basis: consent\nretention_days: 730\nas_of: 2026-06-30",
        'check.explain("GDPR-9.1")  # a clause, a column or the id of a finding',
    ),
    "audit": (
        "%%governance audit customers --frames orders -o audit\n"
        "controller: Example Ltd\n"
        "as_of: 2026-06-30\n"
        "datasets:\n"
        "  orders: {purpose: sales, lawful_basis: contract, retention_days: 730}\n"
        "attestations:\n"
        "  GDPR-30.1: {by: A. Tan, on: 2026-06-01, expires: 2027-06-01, statement: the record is kept}\n"
        "overrides:\n"
        "  GDPR-28.3: {status: PASS, reason: no processor is used, by: A. Tan, on: 2026-06-01, expires: 2027-06-01}",
        "import edgp_magics\n"
        'audit.save("audit.zip")          # the evidence pack\n'
        'edgp_magics.verify("audit.zip")  # whether any byte of it was changed\n'
        "%governance audit customers --frames orders --previous audit.zip",
    ),
}
"""What comes next, for verbs whose answers are worked on: cells that run one after the other."""


def _of_capability(spec: CapabilitySpec) -> Command:
    return Command(
        spec.verb,
        spec.summary,
        "_handlers:capability",
        "data",
        "DATA",
        body=spec.body,
        examples=(spec.example, *_FURTHER.get(spec.verb, ())),
        note=_NOTES.get(spec.verb, ""),
        spec=spec,
    )


def command(verb: str) -> Command:
    """The command of this verb or full capability name; an unknown one raises with the nearest."""
    table = commands()
    key = verb.replace("-", "_").lower()
    full = {s.capability.value: s.verb for s in CAPABILITIES.values()}
    found = table.get(full.get(key, key))
    if found is None:
        other = _OTHER_WORDS.get(key, "")
        raise UnknownName("verb", verb, known=[*table, *full], hint=f"Use {other}" if other else "")
    return found
