"""Questions about payments; everyone sees their own only (rule B11)."""

from typing import Any

from services.payment.settings import Mode
from services.payment.store import documents, payments, refunds
from services.payment.store.rows import Payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.drive import drive
from services.payment.usecases.outcome import outcome_of
from services.payment.usecases.refund_views import customers_refund_view
from services.payment.usecases.views import view
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.errors import not_found

BANNER = "Payments: LOCAL STAND-IN localstripe, no money moves, provider split not simulated"


def get_payment(desk: Desk, payment_id: str, caller: Caller) -> dict[str, Any]:
    """One payment of the caller, or of anyone for an administrator, with its refunds and its invoice's
    number. Raises `not_found`."""
    with desk.reading() as connection:
        found = payments.by_id(connection, payment_id)
        payment = found if caller.is_admin else _own(found, caller)
        numbers = documents.of_payment(connection, payment.id)
        back = refunds.of_payment(connection, payment.id)
    invoice = numbers.get(payment.id)
    return view(payment) | {
        "invoice_number": str(invoice) if invoice else None,
        "refunds": [customers_refund_view(payment, one, numbers.get(one.id)) for one in back],
    }


def confirm_payment(desk: Desk, intent_id: str, caller: Caller) -> dict[str, Any]:
    """Look again: retrieve the intent, confirm it only when it waits for that, converge, answer.

    Allowed at any time, to the customer alone, who gets the client secret with it. Raises
    `not_found`, `payments_not_configured`, `unavailable`, and like `outcome_of`.
    """
    desk.open_provider()
    with desk.reading() as connection:
        found = payments.by_intent(connection, intent_id)
    payment, seen = drive(desk, _own(found, caller))
    return outcome_of(desk, payment, seen, caller)


def list_payments(desk: Desk, limit: int, cursor: str | None, caller: Caller) -> dict[str, Any]:
    """The caller's payments, newest first, `limit` at most. Raises `cursor_invalid`."""
    query = ("list_payments", caller.user_id)
    before = None if cursor is None else read_cursor(cursor, query, (str,))[0]
    with desk.reading() as connection:
        found = payments.page_of_customer(connection, caller.user_id, before, limit + 1)
    page = found[:limit]
    more = len(found) > limit
    following = write_cursor(query, (page[-1].id,)) if more else None
    return {"payments": [view(payment) for payment in page], "next": following}


def get_payment_mode(desk: Desk) -> dict[str, Any]:
    """How payments are set up; the banner is for everyone to see that no money moves."""
    return {"mode": desk.mode.value, "banner": BANNER if desk.mode is Mode.STAND_IN else None}


def _own(payment: Payment | None, caller: Caller) -> Payment:
    if payment is None or payment.customer_id != caller.user_id:
        raise not_found()
    return payment
