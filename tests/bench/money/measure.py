"""Prints what payment's own work costs: `make measure-money`. Figures, no pass or fail.

Stripe and booking are answered from this process's memory, so that what is measured is payment itself: its
statements on a real database, its checks, the signature of a webhook.
"""

import base64
import statistics
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.payment.domain.commission import CommissionLine, CommissionRules
from services.payment.domain.operator_days import day_of, days
from services.payment.store import commission_rules
from services.payment.usecases.close_days import close_days
from services.payment.usecases.desk import Desk
from services.payment.usecases.money_figures import get_money_figures
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.prove_days import prove_days
from services.payment.usecases.webhooks import receive_webhook
from services.payment.usecases.what_if import differences
from shared import clock
from shared.contracts.declaration import read
from shared.contracts.payment_books import GET_MONEY_FIGURES
from shared.contracts.payment_books_forms import GroupBy
from shared.database.transaction import Database, read_app_now
from shared.ids import new_id
from tests.bench.money import statements
from tests.bench.money.million_entries import DAYS, Ledger, fill
from tests.fixtures.servers import ServiceDatabase, owner_engine, service_database
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.ruling import ADMIN, line, rule
from tests.integration.payment.scripted_desk import scripted_desk
from tests.integration.payment.test_webhooks import about, signed

ROUNDS, WARM = 500, 50
ZONE = ZoneInfo("America/New_York")
MONTH = 30
RULES = CommissionRules(
    new_id(),
    Decimal("0.12"),
    datetime(2000, 1, 1, tzinfo=UTC),
    (CommissionLine(new_id(), Decimal("0.1"), None, "massage", 40),),
)


@pytest.fixture(scope="module")
def own() -> Iterator[ServiceDatabase]:
    with service_database("payment") as made:
        yield made


@pytest.fixture(scope="module")
def database(own: ServiceDatabase) -> Iterator[Database]:
    made = Database(own.url, pool_size=2, application_name="measuring")
    with made.transaction() as connection:
        commission_rules.seed(connection, Decimal("0.1"))
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def ledger(own: ServiceDatabase, database: Database) -> Ledger:
    engine = owner_engine(own.owner_url)
    began = clock.monotonic()
    made = fill(engine)
    engine.dispose()
    _say(f"a ledger of {made.entries} entries, made in {clock.monotonic() - began:.0f} s")
    return made


@pytest.fixture
def bookings() -> Bookings:
    return Bookings()


@pytest.fixture
def desk(database: Database, bookings: Bookings) -> Desk:
    return scripted_desk(database, bookings, zone=ZONE)


def test_floor(database: Database) -> None:
    """What the machine gives in this run: a transaction of one statement that asks for the time."""

    def ask() -> None:
        with database.transaction() as connection:
            read_app_now(connection)

    _measure("a transaction of one statement, for comparison", ask)


def test_process_payment(own: ServiceDatabase, desk: Desk, bookings: Bookings, ledger: Ledger) -> None:
    """A card that is charged at once, beside a million entries, by rules of 201 lines and a tier
    for which the provider's month is counted."""
    engine = owner_engine(own.owner_url)
    others = [line("0.09", provider_id=new_id()) for _ in range(200)]
    rule(desk, engine, line("0.08", category="massage", bookings=20), *others)
    engine.dispose()
    bookings.publish_provider(desk, ledger.provider_id)
    booked = [bookings.hold(provider_id=ledger.provider_id) for _ in range(WARM + ROUNDS)]
    for one in booked:
        bookings.publish_service(desk, one, "massage")
    requests = iter([(one.request(), one.customer) for one in booked])
    _measure("process_payment without Stripe and booking", lambda: process_payment(desk, *next(requests)))


def test_receive_webhook(desk: Desk) -> None:
    """A genuine webhook: verified over its bytes, stored with its job, answered."""
    made = [about(f"pi_{number}") for number in range(WARM + ROUNDS)]
    bodies = iter([(base64.b64encode(body).decode(), signed(body)) for body in made])
    _measure("a webhook stored", lambda: receive_webhook(desk, *next(bodies)))


def test_statement() -> None:
    """Of 100,000 entries, as CSV, part by part as the gateway asks; in a database of its own."""
    assert statements.main([]) == 0


def test_figures(desk: Desk, ledger: Ledger) -> None:
    last = day_of(ledger.last, ZONE)
    for group in GroupBy:
        spans = [(length, _figures(desk, last, length, group)) for length in (MONTH, DAYS)]
        text = ", ".join(f"{length} days {milliseconds:.0f} ms" for length, milliseconds in spans)
        _say(f"figures by {group.value}: {text}")


def _figures(desk: Desk, last: date, length: int, group: GroupBy) -> float:
    """The median of three."""
    request = {
        "from_date": (last - timedelta(days=length - 1)).isoformat(),
        "to_date": last.isoformat(),
        "group_by": group.value,
    }
    asked = read(GET_MONEY_FIGURES.request, request)
    return statistics.median(_took(lambda: get_money_figures(desk, asked, ADMIN)) for _ in range(3))


def test_closing(desk: Desk, ledger: Ledger) -> None:
    """All days one after the other, and each proven."""
    until = datetime.now(UTC) - timedelta(minutes=15)
    took = _took(lambda: close_days(desk.transaction, ZONE, until, DAYS * 2))
    proven: list[Any] = []
    proving = _took(lambda: proven.extend(prove_days(desk.transaction)))
    number = len(proven)
    each = f"a day of {ledger.entries // number} entries closed in {took / number:.0f} ms"
    _say(f"{each}, proven in {proving / number:.0f} ms ({number} days)")
    assert not [one for day in proven for one in day.differences]


def test_what_if(desk: Desk, ledger: Ledger) -> None:
    last = day_of(ledger.last, ZONE)
    period = days(last - timedelta(days=MONTH - 1), last, ZONE)
    found: dict[Any, Any] = {}
    took = _took(lambda: found.update(differences(desk.transaction, RULES, period, ZONE)))
    payments = sum(one.payments for one in found.values())
    _say(f"rules tried on {payments} payments of {MONTH} days: {took:.0f} ms")


def _measure(name: str, work: Callable[[], Any]) -> None:
    for _ in range(WARM):
        work()
    times = sorted(_took(work) for _ in range(ROUNDS))
    middle, high = statistics.median(times), times[int(len(times) * 0.95)]
    _say(f"{name}: p50 {middle:.1f} ms, p95 {high:.1f} ms, one at a time, {ROUNDS} times")


def _took(work: Callable[[], Any]) -> float:
    began = clock.monotonic()
    work()
    return (clock.monotonic() - began) * 1000


def _say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
