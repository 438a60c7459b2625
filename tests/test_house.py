"""The house keeps its rules, and every rule is shown to catch its breach; what there is, is documented."""

from __future__ import annotations

import re

import pytest

import config
import sources
from domain.metrics import METRICS
from domain.settings import PLAYLIST
from tests.house import (
    MAY_IMPORT,
    MAY_IMPORT_ALL,
    ROOT,
    Rule,
    breaches,
    clock_in_the_domain,
    cron,
    environment_outside_config,
    excuses_without_a_reason,
    foreign_imports,
    found,
    ids_written_out,
    looks_in_python,
    mocks,
    modules,
    no_word_of_itself,
    part_of,
    rooms_we_do_not_build,
    sql_clock,
    sql_outside_storage,
    swallowed_errors,
)

# Each rule with samples that it must catch, and samples that it must let pass.
RULES: dict[Rule, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    foreign_imports: (
        [
            ("domain/board.py", "import requests"),
            ("domain/board.py", "from storage.db import read"),
            ("domain/board.py", "import holidays"),
            ("sources/kommo.py", "import storage"),
            ("storage/facts.py", "def late():\n    from jobs import poll"),
            ("storage/facts.py", "import cryptography.fernet"),
            ("jobs/poll.py", "from app import create_app"),
            ("jobs/poll.py", "from . import house"),
            ("layouts/wall.py", "from storage import facts"),
            ("cellar/wine.py", "import requests"),
        ],
        [
            ("domain/worktime.py", "import holidays"),
            ("sources/kommo.py", "from sources.http import CrmSession"),
            ("sources/kommo.py", "import requests, json"),
            ("app.py", "import waitress"),
        ],
    ),
    sql_outside_storage: (
        [("routes/api.py", "from sqlalchemy import text"), ("jobs/poll.py", "import sqlalchemy.orm")],
        [("routes/api.py", "from sqlalchemy import Engine"), ("storage/facts.py", "from sqlalchemy import text")],
    ),
    looks_in_python: (
        [
            ("layouts/wall.py", "html.Div(style={'color': 'red'})"),
            ("layouts/wall.py", "html.Div(style={'--shade': '#ff0000'})"),
            ("layouts/panels/calls.py", "html.Div(style=RED)"),
        ],
        [("layouts/wall.py", "html.Div(style={'--p': '.63'})")],
    ),
    ids_written_out: (
        [
            ("callbacks/targets.py", "Input('save', 'n_clicks')"),
            ("callbacks/targets.py", "dash.State({'type': 'cell', 'row': ALL}, 'value')"),
            ("callbacks/targets.py", "Output(component_id=f'{page}-note', component_property='children')"),
        ],
        [
            ("callbacks/targets.py", "Input(ids.SAVE, 'n_clicks')"),
            ("callbacks/targets.py", "Input(ids.cell(ALL), 'v')"),
        ],
    ),
    cron: (
        [
            ("jobs/upkeep.py", "from apscheduler.triggers.cron import CronTrigger"),
            ("jobs/upkeep.py", "scheduler.add_job(work, 'cron', hour=3)"),
            ("jobs/upkeep.py", "triggers.cron.CronTrigger(hour=3)"),
        ],
        [("jobs/upkeep.py", "IntervalTrigger(seconds=30)")],
    ),
    sql_clock: (
        [
            ("storage/facts.py", "SQL = 'select * from facts where at < now()'"),
            ("storage/facts.py", "SQL = \"select date('now')\""),
            ("storage/tables.py", "Column('at', server_default='CURRENT_TIMESTAMP')"),
            ("storage/tables.py", "Column('at', default=func.now())"),
        ],
        [("storage/facts.py", "def facts(now):\n    'No SQL now() here.'\n    return now")],
    ),
    clock_in_the_domain: (
        [("domain/board.py", "datetime.now(UTC)"), ("layouts/me.py", "datetime.date.today()")],
        [("domain/board.py", "now.date()"), ("jobs/house.py", "datetime.now(UTC)")],
    ),
    swallowed_errors: (
        [
            ("jobs/poll.py", "try:\n    work()\nexcept Exception:\n    pass"),
            ("jobs/poll.py", "try:\n    work()\nexcept:\n    done = False"),
            ("jobs/poll.py", "try:\n    work()\nexcept (KeyError, BaseException):\n    ..."),
            ("jobs/poll.py", "with contextlib.suppress(Exception):\n    work()"),
        ],
        [
            ("jobs/poll.py", "try:\n    work()\nexcept Exception:\n    log.exception('work')"),
            ("jobs/poll.py", "try:\n    work()\nexcept FileNotFoundError:\n    pass"),
        ],
    ),
    environment_outside_config: (
        [("jobs/house.py", "os.environ['HOME']"), ("app.py", "from os import getenv")],
        [("config.py", "os.environ['HOME']"), ("jobs/house.py", "os.getpid()")],
    ),
    mocks: (
        [("tests/a.py", "from unittest import mock"), ("tests/a.py", "from unittest.mock import patch")],
        [("tests/a.py", "import unittest")],
    ),
    no_word_of_itself: ([("a.py", "import os")], [("a.py", "'What it is.'\nimport os"), ("b/__init__.py", "")]),
    rooms_we_do_not_build: (
        [("utils/a.py", ""), ("layouts/helpers.py", "")],
        [("layouts/format.py", "")],
    ),
}


def rule_name(rule: Rule) -> str:
    return getattr(rule, "__name__", "rule")


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_rule_catches_its_breach_and_nothing_else(rule: Rule) -> None:
    wrong, right = RULES[rule]
    assert [sample for sample in wrong if not found(rule, *sample)] == []
    assert [sample for sample in right if found(rule, *sample)] == []


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    assert [breach for path in modules() for breach in breaches(path, rule)] == []


def test_the_rules_look_at_the_whole_house() -> None:
    assert {"config.py", "domain/metrics.py", "sources/demo.py", "tests/test_house.py"} <= set(modules())
    assert {part_of(path) for path in modules()} <= set(MAY_IMPORT) | MAY_IMPORT_ALL


def test_a_silenced_check_says_why() -> None:
    silent, ignore = "# no" + "qa", "# type: ig" + "nore"
    bare = f"x = f()  {silent}: S311\ny = g()  {ignore}\nz = h()  {silent}"
    reasoned = (
        f"x = f()  {silent}: S311 — a play, no secret\n"
        f"y = g()  {ignore}[arg-type]  # the stub is wrong\n"
        f"# Our own names (S608).\nz = h()  {silent}: S608\n"
    )
    assert excuses_without_a_reason("a.py", bare) == ["a.py:1", "a.py:2", "a.py:3"]
    assert excuses_without_a_reason("a.py", reasoned) == []
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in modules() if not path.endswith("house.py")}
    assert [excuse for path, text in texts.items() for excuse in excuses_without_a_reason(path, text)] == []


def documented(page: str) -> set[str]:
    """What stands in backquotes in the first column of the tables of a page."""
    rows = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    return {name for row in rows if row.startswith("|") for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def panels() -> set[str]:
    """The keys of the panels: the files that end in a PANEL, and what the first playlist shows."""
    files = (ROOT / "layouts" / "panels").glob("*.py")
    drawn = {file.stem for file in files if re.search(r"^PANEL\b.*=", file.read_text(encoding="utf-8"), re.MULTILINE)}
    return drawn | {slot.panel for slot in PLAYLIST}


def test_every_metric_is_documented_and_no_other() -> None:
    assert documented("metrics.md") == set(METRICS)


def test_every_panel_is_documented_and_no_other() -> None:
    assert documented("panels.md") == panels()


def test_every_variable_is_documented_and_no_other() -> None:
    assert documented("configuration.md") >= set(config.VARIABLES)
    assert {name for name in documented("configuration.md") if name.startswith("TABLO_")} == set(config.VARIABLES)


def test_every_kind_of_source_has_its_page_and_every_page_its_kind() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "sources").glob("*.md")}
    assert pages - {"README"} == set(sources.kinds())
