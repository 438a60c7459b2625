"""Takes the pictures of the docs: panels of the demo sales floor in every language.

python -m bench.pictures            writes docs/images/<panel>-<language>.jpg
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from bench.wall import FLAGS, tablo

_FOLDER = Path(__file__).parent.parent / "docs" / "images"
# What is shown where: one language for each panel is enough to see all of both.
_WANTED = {
    "en": ("calls", "overview", "leaderboard"),
    "uk": ("deals_won", "leaderboard"),
    "ru": ("invoices_paid", "overview"),
}
_SIZE: ViewportSize = {"width": 1280, "height": 720}
_LONGEST_CYCLE_S = 130


def take(page: Page, language: str) -> None:
    """Wait for each wanted panel of the rotation and keep what it looks like."""
    missing = set(_WANTED[language])
    for _ in range(_LONGEST_CYCLE_S * 2):
        shown = page.locator("#wall").get_attribute("data-panel")
        if shown in missing:
            # The chart is drawn and the entry is over by then.
            page.wait_for_timeout(3500)
            page.screenshot(path=_FOLDER / f"{shown}-{language}.jpg", type="jpeg", quality=82)
            missing.discard(shown)
        if not missing:
            return
        page.wait_for_timeout(500)
    raise SystemExit(f"These panels did not come: {', '.join(sorted(missing))}")


def main() -> None:
    """Every picture, language by language."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for language in _WANTED:
            with tablo(language) as address:
                page = browser.new_page(viewport=_SIZE)
                page.goto(address)
                # Plotly's bundle is on its way meanwhile.
                page.wait_for_timeout(8000)
                take(page, language)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
