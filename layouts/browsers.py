"""What a screen's browser calls itself, in plain words."""

from __future__ import annotations

import re

# The first that fits, most telling first: a television's browser also claims to be Chrome and Safari.
_BROWSERS = (
    ("Samsung Internet", re.compile(r"SamsungBrowser/(\d+)")),
    ("Silk", re.compile(r"Silk/(\d+)")),
    ("Edge", re.compile(r"Edge?A?/(\d+)")),
    ("Opera", re.compile(r"OPR/(\d+)")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d+)")),
    ("Chromium", re.compile(r"(?:Headless)?(?:Chrome|Chromium|CriOS)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+)[.\d]* (?:Mobile/\w+ )?Safari")),
)
_MACHINES = (
    ("Samsung TV (Tizen)", re.compile(r"Tizen|SMART-TV")),
    ("LG TV (webOS)", re.compile(r"Web0S|webOS")),
    ("Fire TV", re.compile(r"AFT[A-Z]|Fire TV")),
    ("Chromecast", re.compile(r"CrKey")),
    ("Android TV", re.compile(r"Android.*\bTV\b|BRAVIA|Google TV")),
    ("Android", re.compile("Android")),
    ("iPad", re.compile("iPad")),
    ("iPhone", re.compile("iPhone")),
    ("ARM Linux", re.compile(r"Linux (?:arm|aarch)")),
    ("ChromeOS", re.compile("CrOS")),
    ("Windows", re.compile("Windows")),
    ("Mac", re.compile("Mac OS X")),
    ("Linux", re.compile("Linux")),
)
_LONGEST = 60


def plain(agent: str) -> str:
    """`Chromium 126 · Linux`; the browser's own words where they are not understood."""
    browser = next((f"{name} {found[1]}" for name, sign in _BROWSERS if (found := sign.search(agent))), "")
    machine = next((name for name, sign in _MACHINES if sign.search(agent)), "")
    return " · ".join(part for part in (browser, machine) if part) or agent[:_LONGEST]
