"""Who gets which document of payment as PDF, and with whose amounts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.payment.usecases import render_documents
from services.payment.usecases.desk import Desk
from services.payment.usecases.render_documents import get_credit_note, get_invoice, get_statement_pdf
from shared.contracts.declaration import Caller
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.payment.bookings import Booked, Bookings
from tests.integration.payment.documenting import about, words_of
from tests.integration.payment.paying import ask_for_3ds, pay
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.refunding import cancel
from tests.integration.payment.visits import owner_caller

TODAY = datetime.now(UTC).date()


@pytest.fixture
def paid(desk: Desk, bookings: Bookings) -> tuple[Booked, str]:
    booked = bookings.hold()
    return booked, pay(desk, booked, "5.00")["payment_id"]


def test_an_invoice_has_payments_own_amounts(desk: Desk, paid: tuple[Booked, str]) -> None:
    """promise D5: lines that are not what was taken are not believed."""
    booked, payment_id = paid
    found = words_of(get_invoice(desk, about(payment_id), booked.customer))
    assert {"Massage", "100.00", "5.00", "105.00", "Maryam", booked.id} <= found
    number = get_invoice(desk, about(payment_id), booked.customer)["number"]
    assert number in found
    other = words_of(get_invoice(desk, about(payment_id, 9999), booked.customer))
    assert "Massage" not in other
    assert {"Service", "100.00", "105.00"} <= other


def test_it_is_in_the_callers_language(desk: Desk, paid: tuple[Booked, str]) -> None:
    """promise D5."""
    booked, payment_id = paid
    caller = Caller(user_id=booked.customer.user_id, locale="ar")
    found = words_of(get_invoice(desk, about(payment_id, name="تدليك"), caller))
    assert {"فاتورة", "تدليك", "105.00"} <= found


def test_what_was_not_paid_or_is_anothers_has_no_invoice(
    desk: Desk, bookings: Bookings, paid: tuple[Booked, str]
) -> None:
    """rule B11: administrators see it as well."""
    _, payment_id = paid
    with pytest.raises(ServiceError, match="not_found"):
        get_invoice(desk, about(payment_id), Caller(user_id=new_id()))
    assert words_of(get_invoice(desk, about(payment_id), Caller(user_id=new_id(), roles=("admin",))))
    booked, asked = ask_for_3ds(desk, bookings)
    with pytest.raises(ServiceError, match="not_found"):
        get_invoice(desk, about(asked["payment_id"]), booked.customer)


def test_each_refund_that_was_accepted_has_a_credit_note(
    desk: Desk, paid: tuple[Booked, str], owner: Any
) -> None:
    """rule M23: what is only owed has none; nor has a refund of another payment."""
    booked, payment_id = paid
    cancel(desk, booked, 75, 7500, 500)
    refund_id = str(rows(owner, "SELECT id FROM refund")[0]["id"])
    request = about(payment_id) | {"refund_id": refund_id}
    with pytest.raises(ServiceError, match="not_found"):
        get_credit_note(desk, request, booked.customer)
    run_jobs(desk, owner)
    note = get_credit_note(desk, request, booked.customer)
    invoice = get_invoice(desk, about(payment_id), booked.customer)
    assert {"75.00", "5.00", "80.00", note["number"], invoice["number"]} <= words_of(note)
    for wrong, caller in (
        (request | {"payment_id": new_id()}, booked.customer),
        (request, Caller(user_id=new_id())),
    ):
        with pytest.raises(ServiceError, match="not_found"):
            get_credit_note(desk, wrong, caller)


def test_a_statement_that_is_long_is_refused(
    desk: Desk, bookings: Bookings, paid: tuple[Booked, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise F2: the file has all lines."""
    caller = owner_caller(bookings.provider_id)
    request = {
        "provider_id": bookings.provider_id,
        "provider_name": "Calm Hands",
        "from_date": str(TODAY - timedelta(days=1)),
        "to_date": str(TODAY + timedelta(days=1)),
        "currency": "USD",
    }
    found = words_of(get_statement_pdf(desk, request, caller))
    assert {"Statement", "Calm", "95.00", "USD"} <= found
    monkeypatch.setattr(render_documents, "MOST_LINES", 0)
    with pytest.raises(ServiceError, match="statement_too_long"):
        get_statement_pdf(desk, request, caller)
