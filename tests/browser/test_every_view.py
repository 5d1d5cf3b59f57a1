"""Every view can be read and used by all: axe-core looks at each, in English by day, in Arabic by night."""

import pytest
from playwright.sync_api import Page, ViewportSize

from deploy.local.stack import Stack
from tests.browser.chromium import Look
from tests.browser.conftest import Someone
from tests.browser.faults import faults
from tests.browser.shop import Shop
from tests.browser.views import all_views

VIEWS = 25
PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
THEMES = {"en": "light", "ar": "dark"}
"""Each language and each theme once: what axe-core finds hangs on one of them, never on the pair."""


@pytest.mark.parametrize("language", THEMES)
def test_nothing_grave_stands_in_the_way_of_anybody(
    someone: Someone, shop: Shop, stack: Stack, language: str
) -> None:
    """promise I9: contrast, names and landmarks as WCAG wants them, left to right and right to left,
    light and dark; and nothing is wider than a phone."""
    found: list[str] = []
    seen = 0
    with someone(Look(1280, 900, language, THEMES[language])) as person:
        page = person.page
        for view in all_views(person, shop, stack):
            assert page.evaluate("document.documentElement.lang") == language
            found += [f"{view.name}: {fault}" for fault in faults(page)]
            page.set_viewport_size(PHONE)
            found += _too_wide(page, view.name)
            page.set_viewport_size(DESKTOP)
            view.leave()
            seen += 1
    assert found == []
    assert seen == VIEWS


def _too_wide(page: Page, view: str) -> list[str]:
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{view}: {wider} px wider than a phone"] if wider > 0 else []
