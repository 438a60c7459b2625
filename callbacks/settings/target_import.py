"""Targets out of a file: looked at, shown, and recorded exactly as shown; and all of them as a file."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from sqlalchemy import Connection

from callbacks.settings import visitor
from deps import Deps
from domain.metrics import METRICS
from domain.reach import WHOLE, Reach
from domain.settings import Settings
from domain.sheets import RawTable, SheetError
from domain.target_cells import Flaw
from domain.target_import import Fate, Step, in_effect, news, plan, token
from domain.target_rows import COLUMNS, Mistake, Office, read_rows, write_rows
from domain.targets import COMPANY, TEAM, Target
from domain.worktime import today
from layouts import format as write
from layouts import ids, mistakes, words
from layouts.settings import parts, target_files
from layouts.settings.target_files import MOST_BYTES, Count, Shown
from layouts.text import LANGUAGES, Text
from storage import db as store
from storage import people, targets
from storage.targets import NewTarget

_LISTED = 200
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the browser sends it, and the metric that it is about where it names none ("" = it names them)."""

    contents: str
    name: str
    metric: str = ""


def section(text: Text) -> Component:
    """Import and export, closed until somebody wants them."""
    return target_files.section(text, {key: words.metric_name(text, key) for key in METRICS})


def look(deps: Deps, text: Text, file: Upload, reach: Reach = WHOLE) -> list[Component | None]:
    """What the file would change; nothing is stored."""
    with store.read(deps.db) as conn:
        return _shown(deps, conn, text, file, reach)


def apply(deps: Deps, text: Text, file: Upload, shown: str, who: str, reach: Reach = WHOLE) -> list[Component | None]:
    """Record what was shown, and nothing else: when the file or the targets are others by now, it is shown anew."""
    with store.write(deps.db) as conn:
        found = _read(deps, conn, text, file, reach)
        if isinstance(found, str) or found[1] or not shown or token(found[0]) != shown:
            said = parts.bad(text.t("Nothing is recorded: the file or the targets have changed since. Look again."))
            return [said, *_shown(deps, conn, text, file, reach)]
        rows = [_row(step.target) for step in news(found[0])]
        note = text.t("from the file {name}", name=file.name[:_LONGEST_NAME])
        targets.add(conn, rows, who, deps.clock(), note)
    done = text.tn(
        "Recorded {n} target. The wall shows it in a moment.",
        "Recorded {n} targets. The wall shows them in a moment.",
        len(rows),
    )
    return target_files.done(text, done)


def export(deps: Deps, reach: Reach, book: bool) -> dict[str, Any]:
    """Every target within reach, as the import reads it, for the browser to keep."""
    with store.read(deps.db) as conn:
        settings = deps.settings()
        names = {member.key: member.name for member in people.everybody(conn)}
        names |= {team.key: team.name for team in people.teams(conn)}
        homes = {rep.key: rep.team for rep in people.reps(conn)}
        stored = [row.target for row in targets.current(conn)]
    rows = [row for row in in_effect(stored, settings.week_start, settings.year_start) if _within(row, reach, homes)]
    table = write_rows(rows, names)
    name = f"targets-{today(settings.timezone, deps.clock())}.{'xlsx' if book else 'csv'}"
    data = deps.tables.book("targets", table) if book else deps.tables.csv(table)
    return {"content": base64.b64encode(data).decode(), "filename": name, "base64": True}


def known_words() -> dict[str, str]:
    """What the metrics are called in any language, in small letters, with their keys."""
    return {words.metric_name(Text(code), key).lower(): key for code in LANGUAGES for key in METRICS}


def read_table(table: RawTable, office: Office) -> tuple[list[Target], list[Mistake]]:
    """The targets of a table, and every mistake in the order of the rows."""
    wanted, wrong = read_rows(table.header, table.rows, office)
    broken = [Mistake(number, "", Flaw.BROKEN, given=text) for number, text in table.broken]
    return wanted, sorted([*wrong, *broken], key=lambda mistake: mistake.row)


def headings() -> list[str]:
    """By these the columns of a file are told apart."""
    return [*COLUMNS, "year", *(f"m{month:02}" for month in range(1, 13))]


def register(app: Dash, deps: Deps) -> None:
    """Wire the upload, the recording and the two files to keep."""

    @app.callback(
        Output(ids.TARGETS_IMPORT, "children"),
        Input(ids.TARGETS_UPLOAD, "contents"),
        Input(ids.TARGETS_APPLY, "n_clicks"),
        Input(ids.TARGETS_ABOUT, "value"),
        State(ids.TARGETS_UPLOAD, "filename"),
        State(ids.TARGETS_TOKEN, "data"),
        prevent_initial_call=True,
    )
    def on_import(contents: Any, _apply: int, metric: Any, name: Any, shown: Any) -> list[Component | None]:
        user, text, pressed = visitor.user(), visitor.words(deps), visitor.pressed()
        if not contents:
            raise PreventUpdate
        file = Upload(str(contents), str(name or ""), parts.chosen(metric))
        if pressed == ids.TARGETS_APPLY:
            return apply(deps, text, file, str(shown or ""), user.login, user.reach)
        return look(deps, text, file, user.reach)

    @app.callback(
        Output(ids.TARGETS_DOWNLOAD, "data"),
        Input(ids.TARGETS_CSV, "n_clicks"),
        Input(ids.TARGETS_XLSX, "n_clicks"),
        prevent_initial_call=True,
    )
    def on_export(_csv: int, _xlsx: int) -> dict[str, Any]:
        return export(deps, visitor.user().reach, visitor.pressed() == ids.TARGETS_XLSX)


def _shown(deps: Deps, conn: Connection, text: Text, file: Upload, reach: Reach) -> list[Component | None]:
    found = _read(deps, conn, text, file, reach)
    if isinstance(found, str):
        return target_files.refused(text, found, [], 0)
    steps, wrong = found
    if wrong:
        said = text.tn(
            "Nothing can be recorded: {n} mistake in the file.",
            "Nothing can be recorded: {n} mistakes in the file.",
            len(wrong),
        )
        lines = [mistakes.line(text, mistake) for mistake in wrong[:_LISTED]]
        return target_files.refused(text, said, lines, len(wrong) - len(lines))
    changed = news(steps)
    names = _names(conn, text)
    rows = [_line(deps.settings(), text, step, names) for step in changed[:_LISTED]]
    return target_files.preview(text, _counts(text, steps), rows, len(changed) - len(rows), token(steps))


def _read(
    deps: Deps, conn: Connection, text: Text, file: Upload, reach: Reach
) -> tuple[list[Step], list[Mistake]] | str:
    """The steps and mistakes of a file; a sentence where it is no file of ours."""
    data = _decoded(file.contents)
    if not data or len(data) > MOST_BYTES:
        return text.t("This is no file of {n} kB at most.", n=MOST_BYTES // 1000)
    try:
        table = deps.tables.read(data, headings())
    except SheetError as error:
        return text.t("The file cannot be read: {why}.", why=error)
    settings = deps.settings()
    wanted, wrong = read_table(table, _office(conn, settings, reach, file.metric))
    stored = [row.target for row in targets.current(conn)]
    here = today(settings.timezone, deps.clock())
    return plan(wanted, stored, here, settings.week_start, settings.year_start), wrong


def _office(conn: Connection, settings: Settings, reach: Reach, metric: str) -> Office:
    return Office(
        reps=[rep for rep in people.reps(conn) if reach.person(rep.team)],
        teams=[team for team in people.teams(conn) if reach.team(team.key)],
        week_start=settings.week_start,
        year_start=settings.year_start,
        whole=reach.whole,
        words=known_words(),
        metric=metric if metric in METRICS else "",
    )


def _within(row: Target, reach: Reach, homes: dict[str, str | None]) -> bool:
    if row.scope == COMPANY:
        return reach.whole
    if row.scope == TEAM:
        return reach.team(row.scope_key)
    return reach.whole or reach.person(homes.get(row.scope_key))


def _names(conn: Connection, text: Text) -> dict[str, str]:
    found = {"": text.t("Company")}
    found |= {team.key: team.name for team in people.teams(conn)}
    return found | {rep.key: rep.name for rep in people.reps(conn)}


def _counts(text: Text, steps: Sequence[Step]) -> list[Count]:
    named = {
        Fate.ADDED: text.t("new"),
        Fate.CHANGED: text.t("changed"),
        Fate.WITHDRAWN: text.t("taken away"),
        Fate.SAME: text.t("as they are"),
    }
    return [Count(name, sum(step.fate is fate for step in steps)) for fate, name in named.items()]


def _line(settings: Settings, text: Text, step: Step, names: dict[str, str]) -> Shown:
    target, unit = step.target, METRICS[step.target.metric].unit
    since = write.short_day(text, target.since)
    last = target.until
    holds = text.t("from {day} on", day=since) if last is None else f"{since} – {write.short_day(text, last)}"
    return Shown(
        row=target.order,
        whose=names.get(target.scope_key, target.scope_key),
        metric=words.metric_name(text, target.metric),
        holds=f"{words.period_name(text, target.period)}: {holds}",
        before="" if step.old is None else write.amount(text, step.old, unit, settings.currency),
        after="" if target.value is None else write.amount(text, target.value, unit, settings.currency),
        fate=step.fate,
    )


def _row(target: Target) -> NewTarget:
    return NewTarget(
        target.metric, target.scope, target.scope_key, target.period, target.value, target.since, target.until
    )


def _decoded(contents: str) -> bytes:
    """The bytes behind `data:…;base64,…`; none where it is no such thing."""
    try:
        return base64.b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return b""
