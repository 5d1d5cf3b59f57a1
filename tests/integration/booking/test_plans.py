"""The plans that are kept are those of what the service asks its database, and none reads a whole table."""

from shared.database.transaction import Database
from tests.integration.booking.desk import Desk
from tests.plans.kept import BOOKING
from tests.plans.walk import walk


def test_the_kept_plans_are_of_the_statements_that_are_sent(desk: Desk, database: Database) -> None:
    """promise C1: every question and command of booking; who changes a statement looks at its plan."""
    others = [desk.open_provider(staff=2) for _ in range(2)]
    sent = walk(database, desk, desk.open_provider(staff=2), others)
    assert BOOKING.asked(sent) == BOOKING.kept(), "run make plans"


def test_no_kept_plan_reads_a_whole_table() -> None:
    """promise C1: over a million bookings, none of those that grow with every booking."""
    assert BOOKING.kept()
    assert not BOOKING.whole_tables()
