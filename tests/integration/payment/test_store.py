"""The database refuses what must never be, and payment's role may do no more than it needs."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from services.payment.store.tables import metadata
from services.payment.usecases.desk import Desk
from services.payment.usecases.forget import forget_old
from services.payment.usecases.hear_events import on_booking_expired
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.read_payments import list_payments
from shared.database.migrate import differences
from shared.errors import ServiceError
from tests.integration.payment.bookings import Bookings, ended
from tests.integration.payment.paying import ask_for_3ds
from tests.integration.payment.records import jobs, rows, run_jobs


def test_the_migrations_make_the_tables_of_the_code(owner: Engine) -> None:
    with owner.connect() as connection:
        assert differences(connection, metadata) == []


WRONG = {
    "commission_within_service": "commission_amount = service_amount + 1",
    "captured_within_charge": "captured_amount = captured_amount + 1",
    "refunded_within_captured": "captured_amount = 1, refunded_amount = 2, refunded_service_amount = 2",
    "captured_means_money": "captured_amount = 0",
    "amounts_not_negative": "tip_amount = -1",
    "state": "state = 'paid', captured_amount = 0",
}


@pytest.mark.parametrize("constraint", WRONG)
def test_money_that_does_not_add_up_is_refused(
    constraint: str, desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M7: the invariants are constraints."""
    booked = bookings.hold()
    process_payment(desk, booked.request(), booked.customer)
    with owner.connect() as connection, pytest.raises(IntegrityError, match=f"ck_payment_{constraint}"):
        connection.execute(text(f"UPDATE payment SET {WRONG[constraint]}"))


def test_a_second_live_payment_of_a_booking_is_refused(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule W9: a partial unique index, not a check in code."""
    booked = bookings.hold()
    process_payment(desk, booked.request(), booked.customer)
    columns = [column.name for column in metadata.tables["payment"].columns]
    changed = {"id": "gen_random_uuid()", "idempotency_key": "'another'", "intent_id": "'pi_another'"}
    values = ", ".join(changed.get(name, name) for name in columns)
    with (
        owner.connect() as connection,
        pytest.raises(IntegrityError, match="uq_payment_one_that_pays_per_booking"),
    ):
        connection.execute(text(f"INSERT INTO payment ({', '.join(columns)}) SELECT {values} FROM payment"))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM payment",
        "DELETE FROM payment_op",
        "DELETE FROM refund",
        "UPDATE payment SET service_amount = 1",
        "UPDATE payment SET commission_amount = 0",
        "UPDATE payment_op SET params = '{}'",
        "UPDATE webhook_event SET type = 'x'",
        "TRUNCATE ledger_entry",
        "TRUNCATE ledger_transaction CASCADE",
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "UPDATE refund SET service_amount = 0",
        "UPDATE refund SET commission_returned = 0",
        "UPDATE ledger_entry SET amount = 1",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_transaction SET fact = 'x'",
        "DELETE FROM ledger_transaction",
        "UPDATE commission_rule SET rate = 0",
        "DELETE FROM webhook_event",
        "DELETE FROM document",
        "UPDATE document SET number = number + 1",
        "DELETE FROM number_series",
        "UPDATE refund SET reason = 'another'",
        "DROP TABLE payment",
    ],
)
def test_the_service_may_not_rewrite_history(statement: str, desk: Desk) -> None:
    with pytest.raises(ProgrammingError), desk.transaction() as connection:
        connection.execute(text(statement))


def test_payments_are_listed_newest_first_page_by_page(desk: Desk, bookings: Bookings) -> None:
    first = bookings.hold()
    ids = []
    for _ in range(5):
        booked = bookings.hold()
        booked.customer = first.customer
        ids.append(process_payment(desk, booked.request(), booked.customer)["payment_id"])
    stranger = bookings.hold()
    process_payment(desk, stranger.request(), stranger.customer)
    seen: list[str] = []
    cursor = None
    for size in (2, 2, 1):
        page = list_payments(desk, 2, cursor, first.customer)
        assert len(page["payments"]) == size
        seen += [payment["payment_id"] for payment in page["payments"]]
        cursor = page["next"]
    assert cursor is None
    assert seen == ids[::-1]


@pytest.mark.parametrize("cursor", ["%", "abc", "bm8=", "é", "MQ"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str, desk: Desk, bookings: Bookings) -> None:
    with pytest.raises(ServiceError, match="cursor_invalid"):
        list_payments(desk, 2, cursor, bookings.hold().customer)


def test_what_only_guards_against_repeats_is_forgotten(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule C16: kept for as long as a repeat can come, and no table grows for ever; parked jobs stay."""
    booked, _ = ask_for_3ds(desk, bookings)
    on_booking_expired(desk, ended(booked, "expired"))
    run_jobs(desk, owner)
    rows(owner, "UPDATE inbox SET received_at = received_at - interval '89 days' RETURNING 1")
    rows(owner, "UPDATE job SET created_at = created_at - interval '29 days' RETURNING 1")
    forget_old(desk)
    assert (len(rows(owner, "SELECT 1 FROM inbox")), jobs(owner)) == (2, {"abandon_payment": "done"})
    rows(owner, "UPDATE inbox SET received_at = received_at - interval '2 days' RETURNING 1")
    rows(owner, "UPDATE job SET created_at = created_at - interval '2 days' RETURNING 1")
    rows(
        owner,
        "INSERT INTO job (id, kind, key, payload, state, run_at, created_at) SELECT gen_random_uuid(), kind, "
        "'parked', payload, 'parked', run_at, created_at FROM job RETURNING id",
    )
    forget_old(desk)
    assert (rows(owner, "SELECT 1 FROM inbox"), jobs(owner)) == ([], {"abandon_payment": "parked"})
