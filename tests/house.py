"""The rules of the house as functions over syntax trees: who may import whom, and what nobody writes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Folders that are no part of the house: what git ignores, and generated migrations.
OUTSIDE = (".venv", "data", "storage/migrations")

# Besides the standard library and itself, a part imports from these.
MAY_IMPORT = {
    "config": set[str](),
    "logs": set[str](),
    "domain": set[str](),
    "kiosk": set[str](),
    "sources": {"domain", "requests"},
    "storage": {"domain", "sqlalchemy", "alembic"},
    "jobs": {"config", "logs", "domain", "sources", "storage", "sqlalchemy", "apscheduler"},
    "layouts": {"domain", "dash", "dash_bootstrap_components", "plotly", "babel"},
    "deps": {"config", "domain", "jobs", "storage", "sqlalchemy"},
    "callbacks": {"deps", "domain", "layouts", "storage", "sqlalchemy", "dash", "flask", "flask_login"},
    "routes": {
        "deps",
        "config",
        "domain",
        "layouts",
        "storage",
        "sqlalchemy",
        "dash",
        "flask",
        "flask_login",
        "werkzeug",
    },
    "commands": {
        *("config", "logs", "deps", "domain", "sources", "storage", "jobs", "layouts", "routes", "callbacks"),
        *("click", "sqlalchemy"),
    },
}
# These bring everything together, or try everything out.
MAY_IMPORT_ALL = {"app", "tests", "bench"}
# A package that belongs to single files.
ONLY_IN = {
    "holidays": {"domain/worktime.py"},
    "openpyxl": {"sources/_sheets/"},
    "defusedxml": {"sources/_sheets/"},
    "cryptography": {"storage/secrets.py"},
    "argon2": {"storage/users.py"},
    "prometheus_client": {"routes/health.py"},
    "brotli": {"routes/wall.py"},
    "fontTools": {"routes/fonts.py"},
    "fontpkg_inter": {"routes/fonts.py"},
    "zxcvbn": {"storage/passwords.py"},
    "pyotp": {"storage/second_step.py"},
    "segno": {"layouts/qr.py"},
    "PIL": {"callbacks/settings/portraits.py"},
}
# SQL is written in storage/; others hand the engine on and know the family of its errors.
NAMES_OF_SQLALCHEMY = {"Engine", "Connection", "SQLAlchemyError"}
ROOMS_WE_DO_NOT_BUILD = {"utils", "helpers", "services", "common", "core"}

COLOUR = re.compile(r"#[0-9a-f]{3,8}|(rgb|hsl)a?\(.*", re.IGNORECASE)
SQL_CLOCK = re.compile(r"\bnow\s*\(\s*\)|\bcurrent_(timestamp|date|time)\b|\(\s*'now'|,\s*'now'", re.IGNORECASE)
EXCUSE = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b(?P<rest>.*)", re.IGNORECASE)
REASON = re.compile(r"(?::\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*|\[[\w, -]+\])\s*(?:#|—|-|–|\()\s*\w.*")
READS_THE_CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}

Rule = Callable[[str, ast.Module], Iterator[str]]


def modules() -> list[str]:
    """Every Python file of the house, as a path from its root."""
    paths = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))
    return sorted(path for path in paths if not path.startswith((".", *(f"{folder}/" for folder in OUTSIDE))))


def breaches(path: str, rule: Rule) -> list[str]:
    return list(rule(path, _tree(path)))


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


@cache
def every(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All nodes of a tree, which each rule walks through."""
    return tuple(ast.walk(tree))


def found(rule: Rule, path: str, text: str) -> bool:
    """Whether the rule catches this sample, as if it stood at that path."""
    return any(rule(path, ast.parse(text)))


def part_of(path: str) -> str:
    return path.split("/")[0].removesuffix(".py")


def foreign_imports(path: str, tree: ast.Module) -> Iterator[str]:
    part = part_of(path)
    for line, package in imported(tree):
        if package == part or package in sys.stdlib_module_names or part in MAY_IMPORT_ALL:
            continue
        homes = ONLY_IN.get(package)
        at_home = any(path.startswith(home) for home in homes) if homes else package in MAY_IMPORT.get(part, set())
        if not at_home:
            yield f"{path}:{line} imports {package}"


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The top-level packages that a module imports, with the line; "." for one that is named from here."""
    for node in every(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." if node.level else (node.module or "").split(".")[0]


def sql_outside_storage(path: str, tree: ast.Module) -> Iterator[str]:
    if part_of(path) in MAY_IMPORT_ALL | {"storage"}:
        return
    for node in every(tree):
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names if alias.name.split(".")[0] == "sqlalchemy"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
            names = {alias.name for alias in node.names} - NAMES_OF_SQLALCHEMY
        else:
            continue
        yield from (f"{path}:{node.lineno} takes {name} from SQLAlchemy" for name in names)


def looks_in_python(path: str, tree: ast.Module) -> Iterator[str]:
    """A `style` may only set custom properties (`--p`), and no colour: what things look like is in the CSS."""
    if part_of(path) not in ("layouts", "callbacks"):
        return
    for node in every(tree):
        if not isinstance(node, ast.keyword) or node.arg != "style":
            continue
        keys = node.value.keys if isinstance(node.value, ast.Dict) else [None]
        if not all(isinstance(key, ast.Constant) and str(key.value).startswith("--") for key in keys):
            yield f"{path}:{node.value.lineno} sets a style that is no custom property"
        if any(COLOUR.fullmatch(text) for _, text in strings(node.value)):
            yield f"{path}:{node.value.lineno} names a colour"


def ids_written_out(path: str, tree: ast.Module) -> Iterator[str]:
    if part_of(path) != "callbacks":
        return
    for node in every(tree):
        if not isinstance(node, ast.Call) or name_of(node.func) not in ("Input", "Output", "State"):
            continue
        ids = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "component_id")]
        for given in ids:
            parts = given.values if isinstance(given, ast.Dict) else [given]
            if any(isinstance(part, ast.JoinedStr) or is_text(part) for part in parts):
                yield f"{path}:{node.lineno} writes out an id that belongs into layouts/ids.py"


def cron(path: str, tree: ast.Module) -> Iterator[str]:
    if part_of(path) == "tests":
        return
    for node in every(tree):
        imports = isinstance(node, ast.ImportFrom) and any(alias.name == "CronTrigger" for alias in node.names)
        if imports or (isinstance(node, ast.expr) and name_of(node) == "CronTrigger") or is_text(node, "cron"):
            yield f"{path} schedules by cron"


def sql_clock(path: str, tree: ast.Module) -> Iterator[str]:
    if part_of(path) == "tests":
        return
    for line, text in strings(tree):
        if SQL_CLOCK.search(text):
            yield f"{path}:{line} asks the database for the time"
    for node in every(tree):
        if isinstance(node, ast.Attribute) and name_of(node.value) == "func" and SQL_CLOCK.search(f"{node.attr}()"):
            yield f"{path}:{node.lineno} asks the database for the time"


def clock_in_the_domain(path: str, tree: ast.Module) -> Iterator[str]:
    if part_of(path) not in ("domain", "layouts"):
        return
    for node in every(tree):
        if isinstance(node, ast.Attribute) and (name_of(node.value), node.attr) in READS_THE_CLOCK:
            yield f"{path}:{node.lineno} reads the clock: the time is an argument there"


def swallowed_errors(path: str, tree: ast.Module) -> Iterator[str]:
    """Whoever catches everything raises it again or tells somebody."""
    for node in every(tree):
        if isinstance(node, ast.ExceptHandler) and catches_all(node.type):
            inside = [part for statement in node.body for part in ast.walk(statement)]
            if not any(isinstance(part, ast.Raise | ast.Call) for part in inside):
                yield f"{path}:{node.lineno} swallows every exception"
        elif isinstance(node, ast.Call) and name_of(node.func) == "suppress" and any(map(catches_all, node.args)):
            yield f"{path}:{node.lineno} suppresses every exception"


def environment_outside_config(path: str, tree: ast.Module) -> Iterator[str]:
    if path == "config.py" or part_of(path) in ("tests", "bench"):
        return
    for node in every(tree):
        reads = isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv")
        imports = isinstance(node, ast.ImportFrom) and any(a.name in ("environ", "getenv") for a in node.names)
        if reads or imports:
            yield f"{path} reads the environment, which config.py does for everybody"


def mocks(path: str, tree: ast.Module) -> Iterator[str]:
    for node in every(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        module = node.module if isinstance(node, ast.ImportFrom) else None
        if "mock" in names or any(name and name.startswith("unittest.mock") for name in (module, *names)):
            yield f"{path} uses a mock where a fake would do"


def no_word_of_itself(path: str, tree: ast.Module) -> Iterator[str]:
    if tree.body and ast.get_docstring(tree) is None:
        yield f"{path} does not say in a docstring what it is"


def rooms_we_do_not_build(path: str, tree: ast.Module) -> Iterator[str]:
    yield from (f"{path}: {name}" for name in path.removesuffix(".py").split("/") if name in ROOMS_WE_DO_NOT_BUILD)


def excuses_without_a_reason(path: str, text: str) -> list[str]:
    """`noqa` and `type: ignore` name what they silence, and say why: beside it, or in the comment above a long line."""
    lines = ["", *text.splitlines()]
    found = [(number, EXCUSE.search(line)) for number, line in enumerate(lines)]
    return [
        f"{path}:{number}"
        for number, match in found
        if match and not REASON.match(match["rest"]) and not reason_above(lines, number, match["rest"])
    ]


def reason_above(lines: list[str], number: int, silenced: str) -> bool:
    code = silenced.strip(" :[]")
    return bool(code) and any(
        line.strip().startswith("#") and f"({code})" in line for line in lines[number - 1 : number]
    )


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string in the code with its line, without the docstrings."""
    plain = {id(node.value) for node in every(tree) if isinstance(node, ast.Expr)}
    for node in every(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in plain:
            yield node.lineno, node.value


def name_of(node: ast.AST | None) -> str | None:
    """The last word of a name: `Input` for `Input` and for `dash.Input`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def is_text(node: ast.AST, text: str | None = None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and text in (None, node.value)


def catches_all(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or name_of(one) in ("Exception", "BaseException") for one in kinds)
