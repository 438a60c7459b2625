"""The catalogs are complete, have the same placeholders, nothing dead and nothing fuzzy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from layouts import text
from layouts.text import KEYWORDS, LANGUAGES, LOCALES, Text, mark

ROOT = LOCALES.parent
ROOMS = ("layouts", "callbacks", "routes")
TRANSLATED = sorted(set(LANGUAGES) - {"en"})
POLISH = """
msgid ""
msgstr ""
"Language: pl\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Calls"
msgstr "Połączenia"

msgid "{n} won deal"
msgid_plural "{n} won deals"
msgstr[0] "{n} wygrana transakcja"
msgstr[1] "{n} wygrane transakcje"
msgstr[2] "{n} wygranych transakcji"
"""
# A message is known by its singular (or only) form and its context.
Known = dict[tuple[str, str | None], tuple[str, ...]]


def used() -> Known:
    """Every message in the source, with its forms."""
    found: Known = {}
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for _, message, _, context in extract_from_file("python", path, keywords=KEYWORDS):
            forms = message if isinstance(message, tuple) else (message,)
            found[forms[0], context] = forms
    return found


def catalogs(language: str) -> Iterator[Catalog]:
    for path in sorted((LOCALES / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            yield read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> list[Message]:
    return [message for catalog in catalogs(language) for message in catalog if message.id]


def key(message: Message) -> tuple[str, str | None]:
    return message.id if isinstance(message.id, str) else message.id[0], message.context


def placeholders(text: object) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", str(text)))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_in_use_is_translated_and_no_other(language: str) -> None:
    known = [key(message) for message in messages(language)]
    assert sorted(set(used()) - set(known), key=str) == []
    assert sorted(set(known) - set(used()), key=str) == []
    assert len(known) == len(set(known))


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_empty_or_fuzzy_or_lacks_a_plural_form(language: str) -> None:
    plurals = next(catalogs(language)).num_plurals
    for message in messages(language):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy, message.id
        assert all(strings), message.id
        assert len(strings) == (plurals if isinstance(message.id, tuple) else 1), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_message(language: str) -> None:
    forms = used()
    for message in messages(language):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = placeholders(forms[key(message)][-1])
        assert all(placeholders(string) == wanted for string in strings), message.id


def test_a_number_takes_its_form() -> None:
    uk = Text("uk")
    deals = [uk.tn("{n} won deal", "{n} won deals", n) for n in (1, 2, 5, 21)]
    assert deals == ["1 виграна угода", "2 виграні угоди", "5 виграних угод", "21 виграна угода"]


def test_a_catalog_that_is_dropped_in_is_one_more_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert text.languages(LOCALES) == LANGUAGES == {"en": "English", "ru": "Русский", "uk": "Українська"}
    polish = tmp_path / "pl" / "LC_MESSAGES" / "tablo.po"
    polish.parent.mkdir(parents=True)
    polish.write_text(POLISH, encoding="utf-8")
    assert text.languages(tmp_path) == {"en": "English", "pl": "Polski"}
    monkeypatch.setattr(text, "LOCALES", tmp_path)
    monkeypatch.setitem(LANGUAGES, "pl", "Polski")
    pl = Text("pl")
    assert (pl.t("Calls"), pl.tn("{n} won deal", "{n} won deals", 5), pl.t("Emails")) == (
        "Połączenia",
        "5 wygranych transakcji",
        "Emails",
    )
    assert pl.locale.language == "pl"


def test_an_unknown_language_reads_english() -> None:
    assert Text("xx").t(mark("Calls")) == "Calls"
    assert Text("en").tn("{n} won deal", "{n} won deals", 2) == "2 won deals"
    assert Path(LOCALES / "xx").exists() is False
