"""What each kind of table is made of: its fields, how they are read, and the headings they go by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.metrics import METRICS
from sources._sheets.words import key_of


class Read(StrEnum):
    """How the cells of a field are read."""

    TEXT = "text"
    REP = "rep"
    MOMENT = "moment"
    CLOCK = "clock"
    DAY = "day"
    NUMBER = "number"
    SECONDS = "seconds"
    MINUTES = "minutes"
    CURRENCY = "currency"
    STAGE = "stage"
    STATE = "state"
    KIND = "kind"
    DIRECTION = "direction"
    YES_NO = "yes_no"
    VOID = "void"
    PERIOD = "period"
    METRIC = "metric"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of ours. `names` are the headings it is known by, the best first, as `key_of` gives them."""

    name: str
    read: Read
    names: tuple[str, ...]
    required: bool = False


def _field(name: str, read: Read, names: str = "", required: bool = False) -> Field:
    return Field(name, read, tuple(map(key_of, (name, *filter(None, names.split("|"))))), required)


_ID = _field("id", Read.TEXT, "number|no|num|code|uid|record_id|ід|ид|номер|код")
_REP = _field(
    "rep",
    Read.REP,
    "rep_id|owner_id|manager_id|user_id|employee_id|seller_id|responsible_id|assigned_to_id|rep_name|owner|owner_name|"
    "manager|manager_name|sales_manager|seller|salesperson|salesman|sales_rep|sales_agent|agent|employee|responsible|"
    "assigned_to|assignee|user|user_name|менеджер|відповідальний|відповідальна|відповідальна_особа|продавець|"
    "співробітник|працівник|ответственный|ответственная|продавец|сотрудник|агент|торговий_представник",
)
_AT = _field(
    "at",
    Read.MOMENT,
    "date|datetime|date_time|timestamp|started_at|start_time|start|begin|sent_at|sent_on|sent|done_on|done_at|"
    "created_at|created_on|created|on|when|day|дата|дата_і_час|дата_та_час|дата_час|дата_и_время|дата_время|"
    "дата_дзвінка|дата_звонка|дата_листа|дата_письма|коли|когда|початок|начало|створено|создано",
    required=True,
)
_CLOCK = _field("time", Read.CLOCK, "clock|час|время")
_AMOUNT = _field(
    "amount",
    Read.NUMBER,
    "sum|total|amount_total|total_amount|value|deal_value|close_value|price|revenue|budget|opportunity|сума|сумма|"
    "вартість|стоимость|бюджет|ціна|цена",
)
_CURRENCY = _field("currency", Read.CURRENCY, "currency_code|currency_id|валюта")
_TITLE = _field("title", Read.TEXT, "name|subject|deal|deal_name|topic|назва|тема|название|угода|сделка")
_CUSTOMER = _field(
    "customer",
    Read.TEXT,
    "client|account|company|contact|customer_name|клієнт|компанія|контакт|покупець|клиент|компания|покупатель",
)
_URL = _field("url", Read.TEXT, "link|посилання|ссылка")
_DIRECTION = _field("direction", Read.DIRECTION, "call_direction|напрямок|напрям|направление")
_TALK = (
    _DIRECTION,
    _field("seconds", Read.SECONDS, "duration|length|talk_time|call_duration|duration_seconds|тривалість|длительность"),
    _field("minutes", Read.MINUTES, "duration_minutes|хвилини|хвилин|минуты|минут"),
    _field("answered", Read.YES_NO, "is_answered|disposition|call_status|status|відповіли|статус|отвечен"),
)
_EVENT = (_ID, _REP, _AT, _CLOCK, _TITLE, _CUSTOMER, _URL)
_TEAM = _field(
    "team",
    Read.TEXT,
    "team_name|department|group|office|regional_office|відділ|команда|група|підрозділ|офіс|отдел|группа|подразделение|"
    "офис",
)
_MONTHS = (
    "m1|january|jan|січень|январь",
    "m2|february|feb|лютий|февраль",
    "m3|march|mar|березень|март",
    "m4|april|apr|квітень|апрель",
    "m5|may|травень|май",
    "m6|june|jun|червень|июнь",
    "m7|july|jul|липень|июль",
    "m8|august|aug|серпень|август",
    "m9|september|sep|вересень|сентябрь",
    "m10|october|oct|жовтень|октябрь",
    "m11|november|nov|листопад|ноябрь",
    "m12|december|dec|грудень|декабрь",
)

REPS = "reps"
TARGETS = "targets"
_SHAPES: dict[str, tuple[Field, ...]] = {
    REPS: (
        _field("id", Read.TEXT, "rep_id|employee_id|manager_id|user_id|number|code|ід|ид|номер|код|табельний_номер"),
        _field(
            "name",
            Read.TEXT,
            "full_name|rep_name|rep|employee|manager|seller|salesperson|sales_agent|agent|user|імя|ім_я|піб|менеджер|"
            "співробітник|прізвище_ім_я|имя|фио|сотрудник|продавець|продавец",
        ),
        _TEAM,
        _field("email", Read.TEXT, "e_mail|mail|login|пошта|ел_пошта|почта|эл_почта"),
        _field("photo", Read.TEXT, "picture|avatar|фото"),
        _field("zone", Read.TEXT, "timezone|time_zone|часовий_пояс|часовой_пояс"),
        _field("active", Read.YES_NO, "is_active|works|працює|активний|работает|активный"),
    ),
    "calls": (*_EVENT, *_TALK),
    "emails": (*_EVENT, _DIRECTION),
    "meetings": _EVENT,
    "tasks": _EVENT,
    "leads": _EVENT,
    "offers": (*_EVENT, _AMOUNT, _CURRENCY),
    "activities": (
        *_EVENT,
        _field("type", Read.KIND, "kind|activity|activity_type|тип|вид|тип_активності|тип_дела", required=True),
        *_TALK[:3],
        _field("answered", Read.YES_NO, "is_answered|відповіли|отвечен"),
    ),
    "invoices": (
        _field("id", Read.TEXT, f"invoice|invoice_id|invoice_no|invoice_number|{'|'.join(_ID.names[1:])}|рахунок|счет"),
        _REP,
        _field(
            "issued_on",
            Read.MOMENT,
            "issued_at|issued|issue_date|invoice_date|date|created_on|created_at|дата_виставлення|виставлено|"
            "дата_рахунку|дата_выставления|выставлен|выставлено|дата_счета|дата",
        ),
        _field(
            "paid_on",
            Read.MOMENT,
            "paid_at|paid|payment_date|date_paid|paid_date|дата_оплати|оплачено|сплачено|дата_оплаты|оплачен",
        ),
        _AMOUNT,
        _CURRENCY,
        _field("status", Read.VOID, "state|статус|стан"),
        _TITLE,
        _CUSTOMER,
        _URL,
    ),
    "deals": (
        _field("id", Read.TEXT, f"deal_id|opportunity_id|{'|'.join(_ID.names[1:])}"),
        _REP,
        _field(
            "created_on",
            Read.MOMENT,
            "created_at|created|date_created|create_date|creation_date|opened_on|open_date|engage_date|date|"
            "дата_створення|створено|дата_создания|создана|создан|создано|дата",
        ),
        _field(
            "closed_on",
            Read.MOMENT,
            "closed_at|closed|close_date|closing_date|date_closed|дата_закриття|закрито|дата_закрытия|закрыта|закрыто",
        ),
        _field("won_on", Read.MOMENT, "won_at|won_date|date_won|дата_виграшу|дата_продажу|дата_выигрыша|дата_продажи"),
        _field("lost_on", Read.MOMENT, "lost_at|lost_date|date_lost|дата_програшу|дата_проигрыша"),
        _field("outcome", Read.STATE, "result|status|state|результат|підсумок|итог|статус"),
        _field("stage", Read.STAGE, "deal_stage|stage_name|етап|стадія|этап|стадия"),
        _AMOUNT,
        _CURRENCY,
        _field("pipeline", Read.TEXT, "funnel|воронка|категорія|направление"),
        _field("loss_reason", Read.TEXT, "lost_reason|reason|reject_reason|причина|причина_відмови|причина_отказа"),
        _field("next_activity", Read.MOMENT, "next_step|next_activity_on|next_task|наступна_дія|следующее_действие"),
        _TITLE,
        _CUSTOMER,
        _URL,
    ),
    TARGETS: (
        _REP,
        _TEAM,
        _field("metric", Read.METRIC, "kpi|indicator|показник|показатель|метрика"),
        _field("period", Read.PERIOD, "period_kind|період|период"),
        _field("since", Read.DAY, "from|start|starts_on|valid_from|from_date|з|від|с|от|початок|начало"),
        _field("until", Read.DAY, "to|end|till|ends_on|valid_to|to_date|по|до|кінець|конец"),
        _field("day", Read.SPAN, "date|день|дата"),
        _field("week", Read.SPAN, "week_start|тиждень|неделя"),
        _field("month", Read.SPAN, "month_start|місяць|месяц"),
        _field("quarter", Read.SPAN, "quarter_start|квартал"),
        _field("year", Read.SPAN, "year_start|рік|год"),
        _field("value", Read.NUMBER, "target|plan|goal|quota|план|ціль|цель|значення|значение"),
        *(_field(f"M{month:02}", Read.NUMBER, names) for month, names in enumerate(_MONTHS, 1)),
        *(_field(key, Read.NUMBER) for key in METRICS),
    ),
}
KINDS = tuple(_SHAPES)


def shape_of(kind: str) -> tuple[Field, ...]:
    """The fields of a kind of table. KeyError for an unknown kind."""
    return _SHAPES[kind]


def knows(kind: str, heading: str) -> bool:
    """Whether a plain heading is one that this kind of table goes by."""
    key = key_of(heading)
    return any(key in field.names for field in _SHAPES[kind])
