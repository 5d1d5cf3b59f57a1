"""Cancelled bookings and what stands in the ledger for them, as tests look at it."""

from typing import Any

from sqlalchemy import Engine

from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_cancelled
from services.payment.usecases.hear_no_shows import on_booking_no_show
from tests.integration.payment.bookings import Booked, due, ended
from tests.integration.payment.records import rows


def cancel(desk: Desk, booked: Booked, percent: int, service: int, tip: int = 0) -> None:
    """Booking's word that it is cancelled, and what is due."""
    on_booking_cancelled(desk, ended(booked, "cancelled", **due(booked, percent, service, tip)))


def balances(owner: Engine, booking_id: str) -> dict[str, int]:
    """What stands on each account of a booking; the provider's without its id."""
    found = rows(
        owner,
        "SELECT split_part(account, ':', 1) AS account, sum(amount)::bigint AS amount FROM ledger_entry e "
        "JOIN ledger_transaction t ON t.id = e.transaction_id WHERE booking_id = :id GROUP BY 1",
        id=booking_id,
    )
    return {row["account"]: row["amount"] for row in found}


def refunds_of(owner: Engine, payment_id: str) -> list[dict[str, Any]]:
    return rows(owner, "SELECT * FROM refund WHERE payment_id = :id ORDER BY id", id=payment_id)


def operations_of(owner: Engine, op: str) -> list[dict[str, Any]]:
    return rows(owner, "SELECT * FROM payment_op WHERE op = :op ORDER BY attempt, id", op=op)


def miss(desk: Desk, booked: Booked, percent: int, service: int, tip: int = 0, **more: Any) -> None:
    """Booking's word that the customer was not there, and what is due all the same."""
    on_booking_no_show(desk, ended(booked, "no_show", **due(booked, percent, service, tip), **more))
