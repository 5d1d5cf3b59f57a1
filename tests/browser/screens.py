"""Writes pictures of the page: `python -m tests.browser.screens --instance demo docs/screens`."""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from deploy.local.stack import Stack
from tests.browser.chromium import Look, launch, person
from tests.browser.pictures import with_palette
from tests.browser.shop import find_shop
from tests.browser.views import all_views

SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1440, 900)}
THEMES = {"en": "light", "ar": "dark"}
VIEWS = (
    *("search", "provider", "held", "confirmed", "move", "move-dearer"),
    *("series-preview", "series", "waiting", "day", "visit"),
)
NEW_YORK = {"latitude": 40.7185, "longitude": -74.0020, "radiusKm": 5}


def main(arguments: list[str]) -> int:
    """Write a picture of each main view in each size and language."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screens", description=__doc__)
    parser.add_argument("--instance", default="demo", help="the running stack with demo data")
    parser.add_argument("--all", action="store_true", help="every view, to be looked at")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    stack = Stack(options.instance)
    if not stack.is_up():
        sys.stderr.write(f"The instance {options.instance} does not run: make demo\n")
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size in SIZES:
            for language in THEMES:
                written = _write(browser, stack, size, language, options)
                sys.stdout.write(f"{size} {language}: {written} KB\n")
        browser.close()
    return 0


def _write(browser: Browser, stack: Stack, size: str, language: str, options: argparse.Namespace) -> int:
    width, height = SIZES[size]
    look = Look(width, height, language, THEMES[language])
    standin = f"http://127.0.0.1:{stack.ports['standin']}"
    written = 0
    with person(browser, stack.url, standin, look) as somebody:
        for view in all_views(somebody, find_shop(stack.url, NEW_YORK), stack):
            if options.all or view.name in VIEWS:
                somebody.page.evaluate("scrollTo(0, 0)")
                somebody.page.locator(view.subject).first.evaluate(
                    "one => one.scrollIntoView({ block: 'nearest' })"
                )
                picture = with_palette(somebody.page.screenshot())
                (options.folder / f"{view.name}-{size}-{language}.png").write_bytes(picture)
                written += len(picture) // 1000
            view.leave()
    return written


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
