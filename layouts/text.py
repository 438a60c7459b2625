"""Words in the reader's language, from the gettext catalogs in locales/.

English is the source text. Four calls mark a message for extraction, and nothing else does:
`text.t("Calls")` · `text.tn("{n} deal", "{n} deals", count)` · `text.tp("context", "May")` · `mark("Calls")` for a
message kept in a table and translated later by `text.t(message)`. Placeholders are `{name}`, filled by keywords.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parents[1] / "locales"
# What Babel's extractor looks for: argument numbers of singular, plural and context.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "t": None,
    "tn": (1, 2),
    "tp": ((1, "c"), 2),
    "mark": None,
}


@dataclass(frozen=True, slots=True)
class Text:
    """A reader's language: its code ("en", "uk", "ru"). An unknown one reads English."""

    language: str

    @property
    def locale(self) -> Locale:
        """How this language writes numbers, money and dates."""
        return _locale(self.language)

    def t(self, message: str, **values: object) -> str:
        """The message in this language, its `{placeholders}` filled."""
        return _filled(_translations(self.language).gettext(message), values)

    def tn(self, one: str, many: str, count: int, **values: object) -> str:
        """The form of the message that goes with `count`, which also fills `{n}`."""
        return _filled(_translations(self.language).ngettext(one, many, count), {"n": count, **values})

    def tp(self, context: str, message: str, **values: object) -> str:
        """The message as it is meant in this context."""
        return _filled(_translations(self.language).pgettext(context, message), values)


def languages(folder: Path) -> dict[str, str]:
    """Every language that has a catalog in the folder, by its code, as it calls itself. English needs none."""
    codes = {path.parents[1].name for path in folder.glob("*/LC_MESSAGES/*.po")}
    return {code: _own_name(code) for code in ("en", *sorted(codes))}


def mark(message: str) -> str:
    """The message as it is: only marked for the catalogs."""
    return message


@cache
def _translations(language: str) -> NullTranslations:
    """Every catalog of a language, compiled in memory: there is no compiled file that could be stale."""
    merged = NullTranslations()
    for path in sorted((LOCALES / language / "LC_MESSAGES").glob("*.po"), reverse=True):
        compiled = io.BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language))
        compiled.seek(0)
        catalog = GNUTranslations(compiled)
        catalog.add_fallback(merged)
        merged = catalog
    return merged


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language if language in LANGUAGES else "en")


def _filled(message: str, values: dict[str, object]) -> str:
    return message.format(**values) if values else message


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_display_name(code) or code
    return name[0].upper() + name[1:]


# Read once: a new catalog is there after a restart.
LANGUAGES = languages(LOCALES)
