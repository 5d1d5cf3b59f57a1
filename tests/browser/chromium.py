"""Debian's Chromium through Playwright, and people who use it, each from an address of their own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

from tests.fixtures.customer import new_address

EXECUTABLE = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
LOOK_MS = 20
FAILED = "Failed to load resource: "


@dataclass(frozen=True)
class Look:
    """How somebody looks at the page: width and height, language, theme."""

    width: int = 1440
    height: int = 900
    language: str = "en"
    theme: str = "light"


@dataclass
class Person:
    """Somebody with a browser. `complaints` holds every console error and every foreign request."""

    context: BrowserContext
    page: Page
    url: str
    standin_url: str
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    possible: list[str] = field(default_factory=list)
    """What the browser may write of a failed request, and may leave."""

    def open(self, address: str) -> None:
        """Go to an address of the page, `#/bookings`."""
        self.page.goto(f"{self.url}/{address}")

    @contextmanager
    def expecting(self, status: int | str) -> Iterator[None]:
        """The browser itself writes every failed request to the console: this one belongs to the test."""
        self.expected.append(f"status of {status} " if isinstance(status, int) else status)
        yield

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        for expected in self.expected:
            if message.text.startswith(FAILED) and expected in message.text:
                self.expected.remove(expected)
                return
        if message.text.startswith(FAILED) and any(one in message.text for one in self.possible):
            return
        self.complaints.append(f"{message.type}: {message.text} ({message.location})")

    def on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        origin = f"{address.scheme}://{address.netloc}"
        is_bank = origin == self.standin_url and address.path.endswith("/_authenticate")
        if origin != self.url and not is_bank:
            self.complaints.append(f"foreign request: {request.url}")

    def check(self) -> None:
        """Raise AssertionError for a complaint, or when an expected refusal never came: the browser writes
        of it when it finds the time."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while self.expected and time.monotonic() < end:
            self.page.wait_for_timeout(LOOK_MS)
        assert self.complaints == []
        assert self.expected == []


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)


@contextmanager
def person(browser: Browser, url: str, standin_url: str, look: Look | None = None) -> Iterator[Person]:
    """Somebody new with an empty browser; checked at the end."""
    seen = look or Look()
    context = browser.new_context(
        viewport={"width": seen.width, "height": seen.height},
        locale="ar" if seen.language == "ar" else "en-US",
        timezone_id="Europe/Berlin",
        color_scheme="dark" if seen.theme == "dark" else "light",
        reduced_motion="reduce",
        extra_http_headers={"X-Forwarded-For": new_address()},
    )
    context.set_default_timeout(PATIENCE_MS)
    # Our own header would make the browser ask the stand-in for leave first; nobody else's does.
    context.route(f"{standin_url}/**", lambda route: route.continue_())
    somebody = Person(context, context.new_page(), url, standin_url)
    somebody.page.on("console", somebody.on_console)
    somebody.page.on("pageerror", lambda error: somebody.complaints.append(f"exception: {error}"))
    somebody.page.on("request", somebody.on_request)
    try:
        yield somebody
        # What a test does to answers may still be at work: nobody waits for it any more.
        somebody.page.unroute_all(behavior="ignoreErrors")
        somebody.check()
    finally:
        context.close()
