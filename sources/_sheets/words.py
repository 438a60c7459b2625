"""Words that spreadsheets use, in English, Ukrainian and Russian, and what they mean to us."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from domain.facts import Direction, Kind
from domain.metrics import METRICS
from sources._sheets.tables import IGNORED, Cell, Fault, Parsed, blank, plain


class State(StrEnum):
    """Where a deal stands."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"


class Void(StrEnum):
    """Whether an invoice counts: drafts and cancelled ones do not."""

    YES = "void"
    NO = "valid"


def key_of(text: str) -> str:
    """A word or a heading without case, punctuation and spacing, so that `Created on` is `created_on`."""
    letters = unicodedata.normalize("NFKC", text).casefold()
    return "_".join("".join(letter if letter.isalnum() else " " for letter in letters).split())


def _vocabulary(words: Mapping[object, str]) -> dict[str, object]:
    return {key_of(word): meaning for meaning, line in words.items() for word in line.split("|")}


IGNORE = "ignore"
STATES = _vocabulary(
    {
        State.WON: "won|win|closed won|success|successful|sold|виграно|виграна|виграний|успішно|успішно реалізовано|"
        "реалізовано|продано|выиграно|выиграна|выигран|успешно|успешно реализовано|сделка успешна|угода успішна",
        State.LOST: "lost|lose|closed lost|failed|cancelled|canceled|rejected|програно|програна|втрачено|втрачена|"
        "відмова|закрито і не реалізовано|скасовано|проиграно|проиграна|потеряно|отказ|закрыто и не реализовано|"
        "отменено|угода провалена|сделка провалена",
        State.OPEN: "open|in progress|active|відкрито|відкрита|в роботі|у роботі|открыто|открыта|в работе",
    }
)
KINDS = _vocabulary(
    {
        Kind.CALL: "call|calls|phone|phone call|дзвінок|дзвінки|телефонний дзвінок|звонок|звонки|телефонный звонок",
        Kind.EMAIL: "email|emails|e-mail|mail|letter|лист|листи|електронний лист|письмо|письма|электронное письмо",
        Kind.MEETING: "meeting|meetings|visit|appointment|зустріч|зустрічі|візит|встреча|встречи|визит",
        Kind.TASK_DONE: "task|tasks|task done|todo|завдання|задача|задачі|задачи|дело|справа",
        Kind.LEAD_CREATED: "lead|leads|lead created|лід|ліди|лид|лиды",
        Kind.OFFER_SENT: "offer|offers|offer sent|quote|proposal|кп|комерційна пропозиція|пропозиція|"
        "коммерческое предложение|предложение",
    }
)
DIRECTIONS = _vocabulary(
    {
        Direction.IN: "in|incoming|inbound|received|вхідний|вхідні|входящий|входящие|входящее",
        Direction.OUT: "out|outgoing|outbound|sent|вихідний|вихідні|исходящий|исходящие|исходящее",
    }
)
YES_NO = _vocabulary(
    {
        True: "yes|y|true|1|answered|connected|completed|success|active|так|є|відповіли|прийнятий|активний|"
        "да|отвечен|принят|принятый|активный|успешный|успішний",
        False: "no|n|false|0|missed|unanswered|no answer|not answered|busy|failed|voicemail|left voicemail|inactive|"
        "ні|пропущений|без відповіді|зайнято|неактивний|нет|пропущен|пропущенный|не отвечен|занято|неактивный",
    }
)
VOIDS = _vocabulary(
    {
        Void.YES: "draft|void|voided|cancelled|canceled|deleted|rejected|чернетка|скасовано|скасований|анульовано|"
        "черновик|отменен|отменён|отменено|аннулирован|удален",
        Void.NO: "issued|sent|open|paid|unpaid|partially paid|overdue|valid|posted|approved|виставлено|виставлений|"
        "оплачено|сплачено|не оплачено|частково оплачено|прострочено|выставлен|выставлено|оплачен|оплачено|"
        "не оплачен|частично оплачен|просрочен",
    }
)
PERIODS = _vocabulary(
    {
        "day": "day|daily|день|щодня|ежедневно",
        "week": "week|weekly|тиждень|щотижня|неделя|еженедельно",
        "month": "month|monthly|місяць|щомісяця|месяц|ежемесячно",
        "quarter": "quarter|quarterly|квартал",
        "year": "year|yearly|annual|рік|год",
    }
)
METRIC_WORDS: dict[str, object] = {
    **{key: key for key in METRICS},
    **_vocabulary(
        {
            "calls": "дзвінки|звонки",
            "emails": "листи|письма",
            "meetings": "зустрічі|встречи",
            "tasks_done": "завдання|задачи",
            "invoices_issued": "виставлені рахунки|выставленные счета",
            "invoices_issued_amount": "сума виставлених рахунків|сумма выставленных счетов",
            "invoices_paid": "оплачені рахунки|оплаченные счета",
            "invoices_paid_amount": "сума оплат|сумма оплат",
            "deals_created": "new deals|нові угоди|новые сделки",
            "deals_won": "won deals|виграні угоди|выигранные сделки",
            "deals_won_amount": "won amount|sales|продажі|сума продажів|продажи|сумма продаж",
        }
    ),
}
# "the whole company" where a rep or a team could stand
EVERYONE = frozenset(map(key_of, ("company", "all", "everyone", "компанія", "всі", "усі", "компания", "все")))


def read_words(
    cells: Iterable[Cell], vocabulary: Mapping[str, object], translations: Mapping[str, str]
) -> Parsed[object]:
    """What each word means: None for an empty cell; `ignore` leaves the row out; an unknown word is a fault."""
    parsed: Parsed[object] = Parsed({}, {})
    for cell in cells:
        key = key_of(translations.get(key_of(plain(cell)), plain(cell)))
        if blank(cell) and not key:
            parsed.values[cell] = None
        elif key == IGNORE:
            parsed.faults[cell] = IGNORED
        elif key in vocabulary:
            parsed.values[cell] = vocabulary[key]
        else:
            parsed.faults[cell] = unknown_word(plain(cell), vocabulary)
    return parsed


def unknown_word(word: str, vocabulary: Mapping[str, object]) -> Fault:
    """Said once for the column, with the count of its rows."""
    meanings = ", ".join(dict.fromkeys(str(meaning).lower() for meaning in vocabulary.values()))
    text = (
        f"the word {word!r} is not known: give its meaning under values in mapping.toml ({meanings}; ignore to leave "
        "such rows out)"
    )
    return Fault("word", text, once=True)
