"""Numbers of invoices and credit notes: one for each, without gaps, whatever happens at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.document_numbers import DocumentNumber, Series
from services.payment.domain.refunds import RefundStatus
from services.payment.store import documents, payments
from services.payment.usecases.desk import Desk
from services.payment.usecases.operations import look
from services.payment.usecases.read_payments import get_payment, list_payments
from services.payment.usecases.reconcile_books import compare_payment, compare_series
from services.payment.usecases.render_documents import get_credit_note, get_invoice
from services.payment.usecases.retry_refund import retry_refund
from services.payment.usecases.settle_refunds import look_at_refunds
from shared.contracts import payment as contract
from shared.contracts.declaration import write
from shared.ids import new_id
from tests.integration.payment.bookings import TOO_FAR_TO_HOLD, Bookings
from tests.integration.payment.conftest import MoveClock
from tests.integration.payment.documenting import about, words_of
from tests.integration.payment.invariants import check_numbers
from tests.integration.payment.paying import pay
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.refunding import cancel, refunds_of
from tests.integration.payment.scripted_provider import ScriptedProvider

UTC_ZONE, RIYADH = ZoneInfo("UTC"), ZoneInfo("Asia/Riyadh")
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


class RolledBackError(Exception):
    """What ends a transaction after it has taken its number."""


@pytest.fixture
def provider(gateway: StripeGateway) -> ScriptedProvider:
    return ScriptedProvider(gateway)


@pytest.fixture
def scripted(desk: Desk, provider: ScriptedProvider) -> Desk:
    return replace(desk, provider=provider)


def numbers(owner: Engine, series: Series) -> list[int]:
    found = rows(owner, "SELECT number FROM document WHERE series = :name ORDER BY 1", name=series.value)
    return [one["number"] for one in found]


def test_how_a_number_is_written() -> None:
    """promise D5, rule M23"""
    assert str(DocumentNumber(Series.INVOICE, 2026, 42, NEW_YEAR)) == "INV-2026-000042"
    assert str(DocumentNumber(Series.CREDIT_NOTE, 2027, 1234567, NEW_YEAR)) == "CN-2027-1234567"


def test_a_captured_payment_has_an_invoice_and_its_refund_a_credit_note(
    scripted: Desk, bookings: Bookings, owner: Engine
) -> None:
    """promise D5, rule M23: told to the customer with the payment; not in lists."""
    booked = bookings.hold()
    paid = pay(scripted, booked)
    year = datetime.now(UTC).year
    shown = get_payment(scripted, paid["payment_id"], booked.customer)
    assert (shown["invoice_number"], shown["refunds"]) == (f"INV-{year}-000001", [])
    cancel(scripted, booked, 75, 7500)
    shown = get_payment(scripted, paid["payment_id"], booked.customer)
    assert [(one["status"], one["credit_note_number"]) for one in shown["refunds"]] == [("pending", None)]
    run_jobs(scripted, owner)
    shown = get_payment(scripted, paid["payment_id"], booked.customer)
    write(contract.GET_PAYMENT.answer, shown)
    [refund] = shown["refunds"]
    assert (refund["status"], refund["credit_note_number"]) == ("succeeded", f"CN-{year}-000001")
    assert refund["amount"] == {"amount": 7500, "currency": "USD"}
    [listed] = list_payments(scripted, 5, None, booked.customer)["payments"]
    assert "refunds" not in listed


def test_a_refund_that_was_begun_anew_has_one_credit_note(
    scripted: Desk, provider: ScriptedProvider, bookings: Bookings, owner: Engine
) -> None:
    """rules M12 and M23: accepted, failed, accepted again: one document, never taken away."""
    booked = bookings.hold()
    payment_id = pay(scripted, booked)["payment_id"]
    cancel(scripted, booked, 100, 10000)
    run_jobs(scripted, owner)
    provider.seen_refunds = [
        (intent, replace(seen, status=RefundStatus.FAILED)) for intent, seen in provider.seen_refunds
    ]
    with scripted.transaction() as connection:
        payment = payments.by_id(connection, payment_id)
    look_at_refunds(scripted, payment)
    assert numbers(owner, Series.CREDIT_NOTE) == [1]
    retry_refund(scripted.transaction, str(refunds_of(owner, payment_id)[0]["id"]))
    run_jobs(scripted, owner)
    assert refunds_of(owner, payment_id)[0]["status"] == "succeeded"
    check_numbers(owner)


def test_payments_at_the_same_moment_leave_no_gap(scripted: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule M23: twelve payments by eight at a time, through all that a payment does."""
    booked = [bookings.hold() for _ in range(12)]
    with ThreadPoolExecutor(8) as pool:
        paid = list(pool.map(lambda one: pay(scripted, one)["status"], booked))
    assert paid == ["succeeded"] * 12
    assert numbers(owner, Series.INVOICE) == [*range(1, 13)]
    check_numbers(owner)


def test_a_number_that_is_rolled_back_is_given_again(
    scripted: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M23: of two hundred transactions at once that take a number, a third is given up at the end."""
    payment_id = pay(scripted, bookings.hold())["payment_id"]
    given_up = [number % 3 == 0 for number in range(200)]

    def take(gives_up: bool) -> None:
        with suppress(RolledBackError), scripted.transaction() as connection:
            documents.issue(connection, Series.CREDIT_NOTE, new_id(), payment_id, NEW_YEAR, UTC_ZONE)
            if gives_up:
                raise RolledBackError

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, given_up))
    assert numbers(owner, Series.CREDIT_NOTE) == [*range(1, given_up.count(False) + 1)]
    assert compare_series(scripted.transaction) == []


def test_each_year_begins_anew(scripted: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule M23: and what has its number counts nothing when it is asked for again."""
    payment_id = pay(scripted, bookings.hold())["payment_id"]
    before = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    first, second = new_id(), new_id()
    with scripted.transaction() as connection:
        for subject, instant in ((first, before), (second, NEW_YEAR), (first, NEW_YEAR)):
            documents.issue(connection, Series.CREDIT_NOTE, subject, payment_id, instant, UTC_ZONE)
        found = documents.of_payment(connection, payment_id)
    assert [str(found[one]) for one in (first, second)] == ["CN-2026-000001", "CN-2027-000001"]


def test_a_year_is_the_operator_s(
    scripted: Desk, bookings: Bookings, owner: Engine, move_clock: MoveClock
) -> None:
    """promise D5, rule M23: its new year begins three hours before UTC's; the documents are dated in it."""
    riyadh = replace(scripted, operator_zone=RIYADH)
    year = datetime.now(UTC).year
    ahead = datetime(year, 12, 31, 22, tzinfo=UTC) - datetime.now(UTC)
    booked = bookings.hold(ahead=ahead + TOO_FAR_TO_HOLD)
    booked.hold += ahead
    with move_clock(ahead):
        payment_id = pay(riyadh, booked)["payment_id"]
        cancel(riyadh, booked, 75, 7500)
        run_jobs(riyadh, owner)
        invoice = get_invoice(riyadh, about(payment_id), booked.customer)
        refund = {"refund_id": str(refunds_of(owner, payment_id)[0]["id"])}
        note = get_credit_note(riyadh, about(payment_id) | refund, booked.customer)
    assert (invoice["number"], note["number"]) == (f"INV-{year + 1}-000001", f"CN-{year + 1}-000001")
    assert f"{year + 1}-01-01" in words_of(invoice) & words_of(note)
    check_numbers(owner)


def test_what_a_release_before_has_captured_gets_its_number(
    scripted: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M23: as soon as its intent is looked at, as its webhook has it, and once."""
    payment_id = pay(scripted, bookings.hold())["payment_id"]
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM document"))
        connection.execute(text("DELETE FROM number_series"))
    with scripted.transaction() as connection:
        payment = payments.by_id(connection, payment_id)
    for _ in range(2):
        look(scripted, payment)
        assert numbers(owner, Series.INVOICE) == [1]


ALTERED = [
    ("DELETE FROM document WHERE number = 1", {"number_series_differs", "invoice_missing"}),
    ("UPDATE number_series SET last = last + 1", {"number_series_differs"}),
    ("UPDATE document SET number = 3 WHERE number = 2", {"number_series_differs"}),
    ("DELETE FROM number_series", {"number_series_differs"}),
]


@pytest.mark.parametrize(("statement", "expected"), ALTERED)
def test_a_gap_is_named(
    statement: str,
    expected: set[str],
    scripted: Desk,
    provider: ScriptedProvider,
    bookings: Bookings,
    owner: Engine,
) -> None:
    """rule M23, promise D10: by the same comparison that looks at the rest of the books."""
    paid = [pay(scripted, bookings.hold())["payment_id"] for _ in range(2)]
    assert compare_series(scripted.transaction) == []
    with owner.begin() as connection:
        connection.execute(text(statement))
    found = {one.name for one in compare_series(scripted.transaction)}
    for payment_id in paid:
        found |= {
            one.name
            for one in compare_payment(scripted.transaction, scripted.providers, payment_id).differences
        }
    assert found == expected
