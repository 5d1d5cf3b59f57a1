"""The database refuses by itself what must never be: overlap, ranges without bounds, unknown states."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, ProgrammingError

from services.booking.store.tables import metadata
from shared.database.migrate import differences
from shared.database.transaction import Database
from shared.ids import new_id
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger


def test_tables_are_what_the_migrations_make(owner: Engine) -> None:
    with owner.connect() as connection:
        assert differences(connection, metadata) == []


@pytest.mark.parametrize(
    ("blocked", "refused_by"),
    [
        ("NULL", "blocked"),
        ("'empty'", "ck_allocation_(not_empty|half_open)"),
        ("tstzrange(NULL, '2027-01-01T10:00Z')", "ck_allocation_finite"),
        ("tstzrange('2027-01-01T10:00Z', NULL)", "ck_allocation_finite"),
        ("tstzrange('2027-01-01T10:00Z', '2027-01-01T11:00Z', '[]')", "ck_allocation_half_open"),
        ("tstzrange('2027-01-01T10:00Z', '2027-01-03T18:01Z')", "ck_allocation_length"),
        ("tstzrange('{start}', '{start}'::timestamptz + interval '1 minute')", "allocation_no_overlap"),
    ],
)
def test_a_range_that_would_slip_past_the_constraint_is_refused(
    desk: Desk, ledger: Ledger, blocked: str, refused_by: str
) -> None:
    """rule C6: not null, not empty, finite, half open, of bounded length; and never an overlap."""
    booking = desk.hold(desk.open_provider())
    value = blocked.format(start=booking["starts_at"].isoformat())
    with pytest.raises(IntegrityError, match=refused_by):
        ledger.run(
            f"INSERT INTO allocation (id, booking_id, resource_id, blocked) "
            f"VALUES (:id, :booking_id, :staff_id, {value})",
            id=new_id(),
            booking_id=booking["booking_id"],
            staff_id=booking["staff_id"],
        )


def test_a_pending_booking_is_guarded_like_any_other(desk: Desk, ledger: Ledger) -> None:
    """rule C4: no column of the guard is null while pending."""
    booking = desk.hold(desk.open_provider())
    row = ledger.rows(
        "SELECT resource_id, blocked, booking_id FROM allocation WHERE booking_id = :id",
        id=booking["booking_id"],
    )
    assert len(row) == 1
    assert None not in tuple(row[0])


def test_history_is_written_once(database: Database, desk: Desk) -> None:
    """promise C4: the service itself may add to the history, and neither change nor delete it."""
    booking = desk.hold(desk.open_provider())
    for statement in ("UPDATE booking_history SET reason = 'x'", "DELETE FROM booking_history"):
        with pytest.raises(ProgrammingError, match="permission denied"), database.transaction() as connection:
            connection.exec_driver_sql(f"{statement} WHERE booking_id = '{booking['booking_id']}'")
