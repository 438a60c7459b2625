"""What every source has to be, held against whatever files lie in `sources/`."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import sources
from sources import Ask, Option, Site, SourceError, http

ROOT = Path(sources.__file__).parents[1]
CANARY = "c4nary-53cret-0123456789"
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


class DeadVault:
    """A vault that holds a secret and forgets what is written."""

    def read(self) -> dict[str, str]:
        return {"access_token": CANARY, "refresh_token": CANARY}

    def write(self, values: Mapping[str, str]) -> None:
        pass

    def lock(self) -> AbstractContextManager[None]:
        return nullcontext()


def site(folder: Path) -> Site:
    return Site("office", "Europe/Kyiv", "UAH", lambda: NOW, folder, DeadVault(), allow_local=True)


def plausible(option: Option, folder: Path) -> str:
    """A value that could be real; every secret is the canary. Nothing answers at the address."""
    if option.secret:
        return f"http://127.0.0.1:9/rest/1/{CANARY}/" if "url" in option.name else CANARY
    if option.default is not None:
        return option.default
    if "url" in option.name:
        return "http://127.0.0.1:9"
    return str(folder / "nowhere") if option.name == "path" else "office"


def test_the_kinds_are_the_files() -> None:
    assert {"files"} <= set(sources.kinds())
    assert not {"http"} & set(sources.kinds())


@pytest.mark.parametrize("kind", sources.kinds())
def test_a_source_has_a_label_options_and_connect(kind: str) -> None:
    module = sources.load(kind)
    assert module.LABEL.strip()
    assert all(isinstance(option, Option) and option.help.endswith(".") for option in module.OPTIONS)
    names = [option.name for option in module.OPTIONS]
    assert len(names) == len(set(names))
    assert callable(module.connect)


@pytest.mark.parametrize("kind", sources.kinds())
def test_every_option_of_a_source_is_documented(kind: str) -> None:
    page = ROOT / "docs" / "sources" / f"{kind}.md"
    assert page.is_file(), f"write {page.relative_to(ROOT)}"
    text = page.read_text("utf-8")
    assert [option.name for option in sources.load(kind).OPTIONS if f"`{option.name}`" not in text] == []


@pytest.mark.parametrize("kind", sources.kinds())
def test_an_unknown_or_a_missing_option_is_refused_by_name(kind: str) -> None:
    with pytest.raises(sources.OptionError, match="no_such_option"):
        sources.prepare(kind, {"no_such_option": "1"})
    needed = [option.name for option in sources.load(kind).OPTIONS if option.required]
    if needed:
        with pytest.raises(sources.OptionError, match=re.escape(needed[0])):
            sources.prepare(kind, {})


@pytest.mark.parametrize("kind", sources.kinds())
def test_errors_are_of_the_family_and_hold_no_secret(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing answers: a source may work without an answer, else it fails in our own words, without its secrets."""
    # Nobody is there, so nobody has to be spared.
    monkeypatch.setattr(http.CrmSession, "_pause", lambda *_: 0.0)
    options = {option.name: plausible(option, tmp_path) for option in sources.load(kind).OPTIONS}
    said: list[str] = []
    try:
        source = sources.load(kind).connect(sources.prepare(kind, options), site(tmp_path))
        said.append(repr(source))
        assert source.requests == 0
        said += [f"{finding.what} {finding.found}" for finding in source.check()]
        ask = Ask(NOW, date(2026, 11, 1), time.monotonic() + 3)
        said += [str(problem) for batch in source.sync(None, ask) for problem in batch.problems or ()]
    except SourceError as error:
        said += [str(error), repr(error)]
    assert all(text.strip() for text in said)
    assert CANARY not in " ".join(said)


@pytest.mark.parametrize("family", SourceError.__subclasses__())
def test_every_error_says_whether_trying_again_can_help(family: type[SourceError]) -> None:
    waits = {sources.TransientError, sources.ThrottledError}
    assert family.permanent is (family not in waits)
