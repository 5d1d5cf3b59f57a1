from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from deploy.local.stack import Stack
from tests.browser.chromium import PATIENCE_MS, Look, Person, launch, person
from tests.browser.house import OpenHouse, open_house
from tests.browser.shop import Shop, find_shop

Someone = Callable[..., AbstractContextManager[Person]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def someone(browser: Browser, stack: Stack) -> Someone:
    """Makes a person who looks at the stack's page."""
    standin = f"http://127.0.0.1:{stack.ports['standin']}"

    def make(look: Look | None = None) -> AbstractContextManager[Person]:
        return person(browser, stack.url, standin, look)

    return make


@pytest.fixture
def shop(stack: Stack) -> Shop:
    """A provider with a day that nobody has booked yet."""
    return find_shop(stack.url)


@pytest.fixture(scope="session")
def house(stack: Stack) -> OpenHouse:
    """A provider of the tests' own, whose owner may sign in."""
    return open_house(stack)
