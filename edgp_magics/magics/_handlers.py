"""What each command does: ask the runtime, answer with a value."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..capabilities import CAPABILITIES, spec_of
from ..errors import BadOption, PlanError, UsageError
from ..values import (
    Block,
    ChangeLog,
    Code,
    Document,
    Explanation,
    Facts,
    Grid,
    Items,
    Plan,
    Remediated,
    Result,
    Text,
    View,
    plural,
)
from ._commands import Command, commands
from ._commands import command as find_command
from ._data import NamespaceFrames, evaluate, find_data, frames_in
from ._help import help_document
from ._parse import Invocation, words_before
from ._progress import StepPicture
from ._session import Session
from ._settings import set_here, settings_of

Options = dict[str, Any]
_RUN = ("name", "as_of", "dry_run", "o", "debug")
_HINT_ROOM = 150


# -- running -----------------------------------------------------------------------------------------------------
def capability(session: Session, command: Command, call: Invocation, options: Options) -> Any:
    """Run a capability on data."""
    assert command.spec is not None
    data, label = find_data(call.argument, session.namespace, verb=command.name)
    return _run(session, command, data, options.get("name") or label, call.body or "", options)


def _run(session: Session, command: Command, data: Any, label: str, body: str, options: Options) -> Any:
    spec = command.spec
    assert spec is not None
    own = {k: v for k, v in options.items() if k not in _RUN}
    if options.get("dry_run"):
        return _dry_run(command, data, label, own)
    own |= {o.name: _secret(session, own[o.name]) for o in command.options if o.kind == "secret" and o.name in own}
    own |= {o.name: session.namespace.get(own[o.name], own[o.name]) for o in command.options if o.kind == "variable" and o.name in own}
    result = session.runtime.run(
        spec.capability,
        data,
        show=session.ticker,
        name=label,
        body=body,
        as_of=_date(options.get("as_of")),
        frames=_frames(session, command, own),
        options=own,
    )
    return session.remember(result)


def _frames(session: Session, command: Command, own: Options) -> Mapping[str, Any]:
    """The kernel's other tables; for a capability that works on several, only those named, and each must be one."""
    if not any(o.name == "frames" for o in command.options):
        return NamespaceFrames(session.namespace)
    return {name: find_data(name, session.namespace, verb=command.name)[0] for name in own.get("frames") or ()}


def _date(text: str | None) -> str | None:
    import datetime as dt

    try:
        return dt.date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        raise BadOption(f"--as-of cannot be {text!r}.", hint="It takes a date such as 2026-11-22.") from None


def _dry_run(command: Command, data: Any, label: str, own: Options) -> View:
    from ..frames import as_frame

    frame = as_frame(data, name=label)
    spec = command.spec
    assert spec is not None
    facts = Facts(
        (
            ("capability", Code(spec.capability.value)),
            ("agent", f"{spec.agent.value}_agent"),
            ("rows read", frame.rows),
            ("columns read", len(own.get("columns") or frame.columns)),
            ("bytes that would leave this machine", 0),
        )
    )
    blocks: list[Block] = [Text("Nothing was run.", tone="strong"), facts]
    if own:
        blocks.append(Grid("Options", ("option", "value"), tuple((k, Code(str(v))) for k, v in own.items())))
    if spec.needs:
        known = [CAPABILITIES[n].verb for n in spec.needs if n in CAPABILITIES]
        blocks.append(Text(f"Runs first, unless this session has them: {', '.join(known)}."))
    blocks.append(Text("No language model is used: there is no prompt and no network.", tone="note"))
    data_out = {"capability": spec.capability.value, "rows": frame.rows, "columns": len(frame.columns), "options": own, "egress_bytes": 0}
    return View(Document(f"Dry run: {spec.verb} {label}", tuple(blocks)), data_out)


def ask(session: Session, command: Command, call: Invocation, options: Options) -> Any:
    """Choose the capability for a question in plain words and run it."""
    from ..agents import options_named
    from ..frames import as_frame

    expression, question = _asked(call)
    ranked = [(c, p) for c, p in session.runtime.route(question) if c in CAPABILITIES]
    if not ranked:
        raise UsageError("no capability fits that question.", hint=_nearest(question))
    if len(ranked) > 1 and ranked[0][1] < 1.15 * ranked[1][1]:
        return _which(question, ranked[:3], expression)
    chosen = find_command(ranked[0][0].value)
    data, label = find_data(expression, session.namespace, verb="ask")
    spec = spec_of(ranked[0][0])
    others = [n for n in frames_in(session.namespace) if n != expression]
    named = options_named(question, spec, as_frame(data, name=label).columns, others)
    given = {k: v for k, v in options.items() if k in _RUN} | named
    result = _run(session, chosen, data, label, question if spec.query else "", given)
    if isinstance(result, Result):
        result = replace(result, notes=(*result.notes, _understood(chosen.name, named, ranked)))
    return result


def _asked(call: Invocation) -> tuple[str, str]:
    """The data and the question: the cell body or, on one line, what stands after the data."""
    body = (call.body or "").strip()
    if body:
        return call.argument, body
    first, *rest = words_before(call.argument + " ")[0] or [""]
    if not rest:
        raise UsageError("ask needs a question.", hint="%governance ask DATA QUESTION (no ? at its end), or the question as the cell body.")
    return first, " ".join(rest)


def _nearest(question: str) -> str:
    """What could be asked instead, in the room that a line of error has."""
    from ..agents import nearest

    hint = "Nearest: "
    for spec in (CAPABILITIES[c] for c in nearest(question) if c in CAPABILITIES):
        more = f"{spec.verb} ({spec.summary.split(',')[0]}), "
        if len(hint + more) < _HINT_ROOM:
            hint += more
    return hint.removesuffix(", ") + "."


def _understood(verb: str, named: dict[str, tuple[str, ...] | str], ranked: list[tuple[Any, float]]) -> str:
    shown = ((option, names if isinstance(names, str) else ",".join(names)) for option, names in named.items())
    line = " ".join([verb, *(f"--{option} {names}" for option, names in shown)])
    other = f", else {spec_of(ranked[1][0]).verb}" if len(ranked) > 1 else ""
    return f"Understood as `{line}` ({ranked[0][1]:.0%} sure{other})."


def _which(question: str, ranked: list[tuple[Any, float]], data: str) -> View:
    rows = tuple((Code(f"%governance {spec_of(c).verb} {data}"), spec_of(c).summary, f"{p:.0%}") for c, p in ranked)
    grid = Grid("Run the one you mean", ("cell", "what it does", "sure"), rows)
    return View(
        Document("Which of these?", (Text(f"“{question[:120]}” could mean several things."), grid)),
        {"candidates": [[c.value, p] for c, p in ranked]},
    )


def workflow(session: Session, command: Command, call: Invocation, options: Options) -> Any:
    """Run a workflow on data, its steps shown as they go; with a cell body, the graph that the body describes."""
    from ..workflows import run_workflow

    chosen, rest = _workflow_of(session, call)
    data, label = find_data(rest.strip(), session.namespace, verb=f"workflow {chosen.name}")
    tables = options.get("frames") or ()
    several = "tables" in chosen.steps
    named = {n: evaluate(n, session.namespace) for n in tables}
    frames = named if named or several else NamespaceFrames(session.namespace)
    given = {k: options[k] for k in ("approve", "preset", "reference") if options.get(k) is not None}
    if several:
        given["tables"] = list(tables) or [label]
    run = run_workflow(
        chosen if chosen.definition else chosen.name,
        data,
        dataset=label,
        show=StepPicture(session.ticker, chosen.layout),
        frames=frames,
        key=_secret(session, options.get("key")),
        **given,
    )
    return _answerable(session, run, options, {"data": data, "frames": frames})


def _workflow_of(session: Session, call: Invocation) -> tuple[Any, str]:
    """The workflow of a line or body, and what of the line is left for the data."""
    from ..workflows import described, workflow_of

    name, _, rest = call.argument.partition(" ")
    if call.body and call.body.strip():
        if rest.strip() and name.replace("-", "_").isidentifier() and name not in session.namespace:
            return described(call.body, name=name.replace("-", "_")), rest
        return described(call.body), call.argument
    if not name:
        raise UsageError(
            "workflow needs a name and data.",
            hint="%governance workflow comprehensive_data_assessment DATA. See %governance workflows.",
        )
    return workflow_of(name), rest


def _secret(session: Session, name: Any) -> bytes:
    """The secret of keyed de-identification, under its name in the kernel or the environment; it is neither shown nor kept."""
    import os

    if not name:
        return b""
    value = session.namespace.get(name, os.environ.get(name))
    if not isinstance(value, (str, bytes)) or not value:
        raise BadOption("--key names no secret.", hint="Give the name of a variable of the kernel or the environment that holds text.")
    return value if isinstance(value, bytes) else value.encode()


def resume(session: Session, command: Command, call: Invocation, options: Options) -> Any:
    """Go on with a run: answer its approval, try a failed or stopped step again, or go back to a checkpoint."""
    from ..workflows import look_at, resume_workflow, runs

    given = call.argument.strip()
    if not given:
        raise UsageError("resume needs the id of a run.", hint="%governance workflows --runs lists them.")
    value = session.namespace.get(given)
    run: Any = value if hasattr(value, "interrupts") else given
    assert session.runtime is not None  # puts the settings in force
    known = next((r for r in runs(200) if r.id == getattr(run, "id", run)), None)
    held = {
        "data": _data_of(session, known, options.get("data")),
        "frames": NamespaceFrames(session.namespace, only=known.tables if known else None),
    }
    if (
        options.get("widget")
        and known is not None
        and known.status == "waiting"
        and not (options.get("approve") or options.get("checkpoint"))
    ):
        return _answerable(session, look_at(run), options, held)
    done = resume_workflow(
        run,
        options.get("approve"),
        **held,
        show=StepPicture(session.ticker, known.layout if known else None, known.steps if known else ()),
        key=_secret(session, options.get("key")),
        interrupt=options.get("interrupt") or "",
        checkpoint=options.get("checkpoint") or "",
    )
    return _answerable(session, done, options, held)


def _data_of(session: Session, known: Any, given: str | None) -> Any:
    """The table of a run: the one that was named, else the one of its name in this kernel."""
    if given:
        return find_data(given, session.namespace, verb="resume --data")[0]
    return session.namespace.get(known.dataset) if known is not None else None


def _answerable(session: Session, run: Any, options: Options, held: Mapping[str, Any]) -> Any:
    """A run as the cell's result; with ``--widget``, what it asks also as a list with buttons; ``held`` is what it works on."""
    for result in run.results.values():
        session.remember(result)
    if not (options.get("widget") and run.interrupts):
        return run
    from IPython.core.display_functions import display

    from ..widgets import RunApproval
    from ..workflows import resume_workflow

    key = _secret(session, options.get("key"))
    shown = display(run, display_id=True)

    def go_on(now: Any, decisions: Mapping[str, Any]) -> Any:
        """What the buttons do; the run above them is shown as it stands then."""
        done = resume_workflow(now, decisions, key=key, **held)
        for result in done.results.values():
            session.remember(result)
        if shown is not None:
            shown.update(done)
        return done

    approval = RunApproval(run, go_on)
    display(approval.widget())
    return approval


# -- plans -------------------------------------------------------------------------------------------------------
def review(session: Session, command: Command, call: Invocation, options: Options) -> Any:
    """Show a plan, with actions accepted, rejected or given another value on the way, whole or for some cells."""
    plan = session.plan_of(_value(session, call, command), call.argument)
    some = _cells(plan, options)
    if some and not any(options.get(o) for o in ("accept", "reject", "edit")):
        raise UsageError("--rows and --values need --accept, --reject or --edit.", hint=command.examples[0])
    if options.get("accept"):
        plan = plan.accept(*options["accept"], **some)
    if options.get("reject"):
        plan = plan.reject(*options["reject"], **some)
    if options.get("edit"):
        plan = plan.edit(options["edit"], options.get("to"), **some)
    return _buttons(session, plan) if options.get("widget") else plan


def _cells(plan: Plan, options: Options) -> dict[str, Any]:
    """The cells that --rows and --values pick: rows by the labels the preview shows, or by position in a loaded plan."""
    out: dict[str, Any] = {}
    if options.get("rows"):
        rows = options["rows"]
        out |= {"labels": rows} if plan.like is not None else {"rows": [_position(r) for r in rows]}
    return out | ({"values": options["values"]} if options.get("values") else {})


def _table_of(session: Session, plan: Plan, given: str | None) -> Any:
    """The table to change: the one named with --data, else what the plan's name stands for now, else the table as it was."""
    from ..frames import is_frame_like

    if given:
        return find_data(given, session.namespace, verb="apply --data")[0]
    now = session.namespace.get(plan.dataset.name)
    return now if now is not None and is_frame_like(now) else session.runtime.datasets.frame(plan.dataset).native


def _buttons(session: Session, plan: Plan) -> Any:
    """The list as static output, then the same list with buttons."""
    from IPython.core.display_functions import display

    from ..widgets import PlanReview

    recorder = session.runtime.recorder
    review = PlanReview(
        plan,
        _table_of(session, plan, None),
        who=_who(),
        on_change=lambda log, undone: recorder.applied(log, undone=undone),
    )
    display(plan)
    display(review.widget())
    return review


def _position(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadOption(f"--rows cannot hold {text!r}.", hint="It takes row positions such as 3,17.") from None


def apply(session: Session, command: Command, call: Invocation, options: Options) -> Remediated:
    """Make the fixes of a plan in a new table."""
    plan = session.plan_of(_value(session, call, command), call.argument)
    if options.get("code"):
        _check_named(plan)
    data = _table_of(session, plan, options.get("data"))
    approve = _approve(str(options.get("approve", "auto")))
    done = plan.apply(data, approve, who=_who())
    session.logs.append((done.log, done.frame))
    session.runtime.recorder.applied(done.log)
    if options.get("log"):
        session.shell.user_ns[options["log"]] = done.log
    if options.get("log_file"):
        done.log.save(options["log_file"])
    if options.get("code"):
        session.shell.set_next_input(_code_cell(plan, approve))
    return done


def _check_named(plan: Plan) -> None:
    """Code changes rows by their place, so it must run on the very table, not on the one that an expression cuts it from."""
    if not plan.dataset.name.isidentifier():
        raise UsageError(
            f"--code needs a table with a name; this plan is for `{plan.dataset.name[:40]}`.",
            hint="Assign it first (part = …), then %governance clean part, and apply that plan.",
        )


def _code_cell(plan: Plan, approve: Any) -> str:
    """The same fix as a cell of plain pandas, on the table's own name."""
    name, rows = plan.dataset.name, plan.dataset.rows
    head = [f"# the same fix in plain pandas, on `{name}`", f'assert len({name}) == {rows}, "the plan is for {rows} rows"']
    other = {"polars": f"{name} = {name}.to_pandas()", "arrow": f"{name} = {name}.to_pandas()", "duckdb": f"{name} = {name}.df()"}
    head += [other[plan.dataset.kind]] if plan.dataset.kind in other else []
    return "\n".join([*head, plan.code(approve, name=name)])


def _approve(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text if text in ("auto", "all", "accepted") else [a.strip() for a in text.split(",") if a.strip()]


def _who() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "analyst"


def undo(session: Session, command: Command, call: Invocation, options: Options) -> Remediated | View:
    """The table as it was before the last apply (or before the one of a log)."""
    log, frame = _applied(session, call.argument, options.get("data"))
    if not options.get("o"):
        target = log.before.name if log.before.name.isidentifier() else "NAME"
        raise UsageError("undo needs a name for the table as it was.", hint=f"%governance undo -o {target}")
    before = log.undo(frame)
    session.logs = deque((kept for kept in session.logs if kept[0] is not log), maxlen=session.logs.maxlen)
    session.runtime.recorder.applied(log, undone=True)
    text = (
        f"{plural(len(log), 'change')} taken back in {log.before.name}: content is as before (fingerprint {log.before.fingerprint[:12]})."
    )
    view = View(
        Document(f"Undone: {log.before.name}", (Text(text, tone="strong"), Text(f"It is `{options['o']}` now.", tone="note"))),
        {"dataset": log.before},
    )
    view.__stored__ = before  # type: ignore[attr-defined]  # what -o keeps
    return view


def _applied(session: Session, argument: str, data: str | None) -> tuple[ChangeLog, Any]:
    """The log to undo (the last one, one of this kernel, or one saved in a file) and the table it made."""
    if not argument:
        if not session.logs:
            raise PlanError("nothing to undo.", hint="%governance apply PLAN first.")
        return session.logs[-1]
    log = _log_of(session, argument)
    if data:
        return log, find_data(data, session.namespace, verb="undo --data")[0]
    kept = next((frame for known, frame in session.logs if known is log), None)
    kept = _made_by(session, log) if kept is None else kept
    if kept is None:
        raise PlanError("the table that the fix made is not in this kernel.", hint=f"%governance undo {argument[:40]} --data TABLE -o NAME")
    return log, kept


def _log_of(session: Session, argument: str) -> ChangeLog:
    if argument.endswith(".json"):
        return ChangeLog.load(argument)
    value = evaluate(argument, session.namespace)
    log = value.log if isinstance(value, Remediated) else value
    if not isinstance(log, ChangeLog):
        raise PlanError(f"`{argument[:40]}` is no change log.", hint="Use %governance apply PLAN --log NAME, or --log-file x.json.")
    return log


def _made_by(session: Session, log: ChangeLog) -> Any:
    """A table of this kernel that is just what the log's fix made."""
    from ..frames import as_frame

    shape = (log.after.rows, len(log.after.columns))
    near = [t for t in frames_in(session.namespace).values() if _shape(t)[0] in (None, shape[0]) and _shape(t)[1] == shape[1]]
    return next((t for t in near if as_frame(t, name=log.after.name).fingerprint == log.after.fingerprint), None)


def _value(session: Session, call: Invocation, command: Command) -> Any:
    if not call.argument:
        raise UsageError(f"{command.name} needs a {command.syntax.strip('[]').lower()}.", hint=f"For example: {command.examples[0]}")
    return evaluate(call.argument, session.namespace)


# -- looking -----------------------------------------------------------------------------------------------------
def overview(session: Session) -> View:
    """What is loaded, what can be done, which tables are here."""
    table = commands()
    frames = frames_in(session.namespace)
    blocks: list[Block] = [Text("Govern the tables in this kernel: one line runs a capability, the answer is an object too.")]
    blocks.append(
        _frames_grid(frames) if frames else Text("There is no table in this kernel yet: load one with pandas, polars, DuckDB or Arrow.")
    )
    runs = tuple(
        (Code(f"%governance {c.name} {next(iter(frames), 'DATA')}"), c.summary, f"{c.spec.agent.value}_agent")
        for c in table.values()
        if c.spec
    )
    blocks.append(Grid("What the agents can do", ("cell", "what it does", "agent"), runs))
    rest = tuple((Code(f"%governance {c.name} {c.syntax}".strip()), c.summary) for c in table.values() if not c.spec)
    blocks.append(Grid("Around it", ("cell", "what it does"), rest))
    blocks.append(Text("Options of a verb: %governance help VERB. Tab completes verbs, tables, options and columns.", tone="note"))
    return View(Document("Data governance in this kernel", tuple(blocks)), {"frames": list(frames), "verbs": list(table)})


def _frames_grid(frames: dict[str, Any]) -> Grid:
    rows = tuple((Code(n), _library(f), *_shape(f)) for n, f in list(frames.items())[:30])
    return Grid("Tables here", ("name", "kind", "rows", "columns"), rows, more=max(0, len(frames) - 30))


def _library(frame: Any) -> str:
    return f"{type(frame).__module__.split('.')[0].lstrip('_')} {type(frame).__name__}"


def _shape(frame: Any) -> tuple[int | None, int | None]:
    shape = getattr(frame, "shape", None)
    if isinstance(shape, tuple) and len(shape) == 2 and not hasattr(frame, "fetchall"):
        return int(shape[0]), int(shape[1])
    return None, len(frame.columns) if hasattr(frame, "columns") else None


def agents(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """The agents and what each can do."""
    found = session.runtime.agents.values()
    rows = tuple((Code(a.agent_id), type(a).purpose, ", ".join(spec_of(c).verb for c in a.capabilities), a.status.value) for a in found)
    grid = Grid("Agents", ("agent", "what for", "capabilities", "status"), rows)
    return View(Document("Agents", (grid,)), {"agents": [{"agent_id": a.agent_id, "capabilities": a.capabilities} for a in found]})


def capabilities(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """Every capability with its options."""
    rows = tuple(
        (Code(s.verb), Code(s.capability.value), s.summary, f"{s.agent.value}_agent", " ".join(o.flag for o in s.options))
        for s in CAPABILITIES.values()
    )
    grid = Grid("Capabilities", ("verb", "capability", "what it does", "agent", "options"), rows)
    return View(Document("Capabilities", (grid,)), {"capabilities": [r[1].text for r in rows]})


def workflows(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """The workflows there are; with ``--runs`` the runs whose state is kept, with ``--run ID`` the checkpoints of one."""
    from ..workflows import WORKFLOWS, forget_run, history_view, runs_view

    assert session.runtime is not None  # puts the settings in force
    if options.get("forget"):
        forget_run(options["forget"])
        text = f"Run {options['forget']} is deleted and can no longer be gone on with. The audit log and the history keep their records."
        return View(Document("Run deleted", (Text(text, tone="strong"),)), {"forgotten": options["forget"]})
    if options.get("run"):
        return history_view(options["run"])
    if options.get("runs"):
        return runs_view()
    rows = tuple((Code(w.name), w.summary, " → ".join(w.steps)) for w in WORKFLOWS.values())
    return View(Document("Workflows", (Grid("Workflows", ("name", "what it does", "steps"), rows),)), {"workflows": list(WORKFLOWS)})


def datasets(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """The kernel's tables, and those already looked at."""
    frames = frames_in(session.namespace)
    blocks: list[Block] = [_frames_grid(frames)] if frames else [Text("There is no table in this kernel yet.")]
    refs = session.runtime.datasets.refs()
    if refs:
        rows = tuple((Code(r.name), r.kind, r.rows, len(r.columns), Code(r.fingerprint[:12])) for r in refs)
        blocks.append(Grid("Looked at in this session", ("name", "kind", "rows", "columns", "fingerprint"), rows))
    return View(Document("Datasets", tuple(blocks)), {"frames": list(frames), "registered": refs})


def why(session: Session, command: Command, call: Invocation, options: Options) -> Explanation:
    """Why a finding stands."""
    if not call.argument:
        raise UsageError("why needs the id of a finding.", hint="It stands at the end of each finding's row: %governance why F-….")
    return session.explain(call.argument.strip())


def health(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """The state of every part."""
    state = session.runtime.health()
    rows = tuple((Code(name), str(part.get("status", "")), str(part.get("detail", ""))) for name, part in state.items())
    return View(Document("Health", (Grid("Parts", ("part", "status", "detail"), rows),)), state)


def config(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """Settings and where each comes from; ``config NAME VALUE`` sets one for this kernel."""
    if call.argument:
        set_here(session.shell, call.argument)
    settings = settings_of(session.shell)
    rows = tuple((Code(name), Code(value), origin, text) for name, value, origin, text in settings.rows())
    hint = Items(
        (
            "for this kernel: %governance config seed 7, or %config EdgpMagics.seed = 7",
            "for good: EDGP_SEED=7, or seed = 7 under [tool.edgp_magics] in pyproject.toml",
        )
    )
    grid = Grid("Settings", ("setting", "value", "from", "what it does"), rows)
    return View(Document("Settings", (grid, hint)), {name: {"value": value, "from": origin} for name, value, origin, _ in settings.rows()})


def help_(session: Session, command: Command, call: Invocation, options: Options) -> View:
    """Help on a verb, or the list of verbs."""
    return View(help_document(call.argument), {})
