"""A browser's name as a person would say it."""

from __future__ import annotations

import pytest

from layouts.browsers import plain

_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (f"Mozilla/5.0 (X11; Linux aarch64) {_BLINK} Chrome/126.0.0.0 Safari/537.36", "Chromium 126 · ARM Linux"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {_BLINK} HeadlessChrome/156.0.0.0 Safari/537.36", "Chromium 156 · Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_BLINK} Chrome/126.0.0.0 Edg/126.0.2", "Edge 126 · Windows"),
        (
            f"Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) {_BLINK} SamsungBrowser/3.0 Chrome/76.0 TV Safari/537.36",
            "Samsung Internet 3 · Samsung TV (Tizen)",
        ),
        (f"Mozilla/5.0 (Web0S; Linux/SmartTV) {_BLINK} Chrome/94.0.4606.128", "Chromium 94 · LG TV (webOS)"),
        (f"Mozilla/5.0 (Linux; Android 9; AFTMM) {_BLINK} Silk/110.2 like Chrome/110.0", "Silk 110 · Fire TV"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128 · Linux"),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari 17 · iPad",
        ),
        ("WebTV 4", "WebTV 4"),
        ("", ""),
    ],
)
def test_a_browser_is_named_with_its_machine(agent: str, said: str) -> None:
    assert plain(agent) == said
