"""How old a television may be: nothing in the wall's scripts and styles is newer than docs/old-tvs.md says."""

from __future__ import annotations

import re

import pytest

from layouts.wall import ASSETS

OLD = ("lite.js", "lite.css", "pairing.js")
# Newer than Chromium 63, Firefox 55, Safari 13.1.
TOO_NEW_JS = (
    r"\?\.[a-zA-Z\[(]",
    r"\?\?",
    r"(\|\||&&)=",
    r"catch \{",
    r"\.(flat|flatMap|matchAll|replaceAll|at|replaceChildren|toSorted|trimStart|trimEnd)\(",
    r"\b(fromEntries|allSettled|globalThis|queueMicrotask|structuredClone|ResizeObserver|BigInt)\b",
    r"(?<!typeof )(?<!new )\bAbortController\b",
    r"(?<![\w.])#\w+\s*[=(;]",
    r"\b\d+_\d+",
)
TOO_NEW_CSS = (
    r"\binset:",
    r"(?<!-)\bgap:",
    r"aspect-ratio|content-visibility|backdrop-filter|color-mix|conic-gradient",
    r"(?<!font-size: 1\.4815vh; font-size: )\b(min|max|clamp)\((?!-)",
    r":(is|where|has|focus-visible)\b",
    r"@(layer|container|property)",
    r"\d(dvh|svh|lvh|cqw)",
)
# Newer than ECMAScript 5 and the engines of 2011.
TOO_NEW_FOR_OLD_JS = (
    r"=>|`|\.\.\.",
    r"\b(let|const|class|async|await|yield|import|export|Promise|fetch|Symbol|Map|Set|Proxy)\b",
    r"\bfor \((var )?\w+ of\b",
    r"\.(includes|find|findIndex|startsWith|endsWith|padStart|closest|matches|append|prepend|remove|forEach|assign)\(",
    r"\b(classList|dataset|onloadend|onload|timeout|addEventListener|EventSource|requestAnimationFrame)\b",
)
TOO_NEW_FOR_OLD_CSS = (
    r"--\w",
    r"\b(var|calc|min|max|clamp)\((?!-)",
    r"\b(grid|flex|inline-flex|contents)\b",
    r"\d(rem|vh|vw|vmin)\b",
    r"\b(transform|animation|transition|filter|object-fit|will-change)\b",
    r"@(supports|keyframes)|#[0-9a-f]{8}\b|#[0-9a-f]{4}\b",
)


def found(source: str, patterns: tuple[str, ...]) -> list[str]:
    """What of the patterns is in a script or style, its comments aside."""
    bare = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.DOTALL)
    return [match[0] for pattern in patterns for match in re.finditer(pattern, bare)]


def too_new(name: str) -> tuple[str, ...]:
    if name in OLD:
        return TOO_NEW_FOR_OLD_JS if name.endswith(".js") else TOO_NEW_FOR_OLD_CSS
    return TOO_NEW_JS if name.endswith(".js") else TOO_NEW_CSS


@pytest.mark.parametrize("name", sorted(path.name for path in ASSETS.glob("*.*s*") if path.suffix in (".js", ".css")))
def test_nothing_is_newer_than_the_engines_that_it_is_for(name: str) -> None:
    assert found((ASSETS / name).read_text(encoding="utf-8"), too_new(name)) == []


@pytest.mark.parametrize(
    ("patterns", "sample"),
    [
        (TOO_NEW_JS, "const a = b?.c;"),
        (TOO_NEW_JS, "try { f(); } catch { g(); }"),
        (TOO_NEW_JS, "new ResizeObserver(f)"),
        (TOO_NEW_CSS, "p { inset: 0; }"),
        (TOO_NEW_CSS, "p { width: min(3vw, 4rem); }"),
        (TOO_NEW_CSS, "p { display: flex; gap: 1rem; }"),
        (TOO_NEW_FOR_OLD_JS, "var f = (x) => x;"),
        (TOO_NEW_FOR_OLD_JS, "node.classList.add('on');"),
        (TOO_NEW_FOR_OLD_CSS, "p { display: grid; }"),
        (TOO_NEW_FOR_OLD_CSS, "p { color: var(--ink); }"),
        (TOO_NEW_FOR_OLD_CSS, "p { font-size: 2rem; }"),
    ],
)
def test_what_is_too_new_is_found(patterns: tuple[str, ...], sample: str) -> None:
    assert found(sample, patterns) != []
