"""The cast of the demo sales floor: invented managers, teams, customers and goods."""

from __future__ import annotations

from random import Random

from domain.facts import Group, Person

TEAMS = (("1", "Північ"), ("2", "Юг"), ("3", "Export"))
_REASONS = ("Too expensive", "Chose a competitor", "No budget this year", "Not the right time")
_SILENCE = "No answer"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# A language's first names alternate between women and men: a Russian surname follows the gender.
_FIRST = (
    _words("Олена Тарас Наталія Андрій Ірина Богдан Соломія Остап Галина Юрій Леся Назар"),
    _words("Мария Никита Дарья Сергей Ольга Антон Вера Павел Юлия Глеб Инна Кирилл"),
    _words("Emma Oliver Grace Henry Sophie Jack Alice Thomas Chloe Daniel Laura Patrick"),
)
_LAST = (
    _words("Коваль Шевчук Мельник Гончаренко Ткачук Бондар Кравець Лисенко Савчук Романюк Дорошенко Гнатюк"),
    _words("Лебедев Соколов Орлов Зайцев Крылов Громов Белов Жуков Тихонов Фомин Ершов Лапин"),
    _words("Walker Bennett Hughes Foster Parker Reed Coleman Turner Brooks Hayes Palmer Ward"),
)
_RUSSIAN = 1

_FIRMS = (
    (
        _words("Світанок Калина Джерело Обрій Веселка Барвінок Криниця Промінь Смерека Ластівка"),
        ("Агро", "Буд", "Меблі", "Логістик", "Смак"),
    ),
    (
        _words("Ромашка Гавань Берёзка Маяк Родник Парус Росинка Компас Снегирь Одуванчик"),
        ("Сервис", "Торг", "Дом", "Техно", "Текстиль"),
    ),
    (
        _words("Bluefinch Oakmoor Riverside Copperleaf Northwick Larkfield Stonebridge Amberly Foxdale Greywater"),
        ("Dental", "Foods", "Interiors", "Logistics", "Studio"),
    ),
)
_GOODS = ("office chairs", "shelving", "lighting", "coffee machines", "printers", "packaging", "cleaning", "partitions")


def people(count: int) -> list[Person]:
    """That many managers, numbered from "1", dealt out to the teams and the languages in turn."""
    return [
        Person(
            id=str(number + 1),
            name=_name(number),
            team=TEAMS[number % len(TEAMS)][0],
            email=f"manager{number + 1}@demo.example",
            rep=True,
        )
        for number in range(count)
    ]


def groups() -> list[Group]:
    """The three teams; the first manager of each leads it."""
    return [Group(id, name, head=id) for id, name in TEAMS]


def customer(rng: Random) -> str:
    """An invented firm."""
    firsts, lasts = rng.choice(_FIRMS)
    return f"{rng.choice(firsts)} {rng.choice(lasts)}"


def goods(rng: Random) -> str:
    """What a deal is about."""
    return rng.choice(_GOODS)


def loss_reason(rng: Random, forgotten: bool) -> str:
    """Why a deal was lost; a forgotten one simply fell silent."""
    return _SILENCE if forgotten else rng.choice(_REASONS)


def _name(number: int) -> str:
    """No two alike among the first 432: each language pairs its 12 first names with 12 surnames."""
    language = (number + number // 3) % 3
    place = number // 3
    first = _FIRST[language][place % 12]
    last = _LAST[language][(place + place // 12) % 12]
    return f"{first} {last}{'а' if language == _RUSSIAN and place % 2 == 0 else ''}"
