"""The plans that are kept are those of what the service asks its database, and none reads a whole table."""

from sqlalchemy import Engine

from shared.database.transaction import Database
from shared.ids import new_id
from tests.plans.kept import PAYMENT
from tests.plans.walk_of_payment import walk


def test_the_kept_plans_are_of_the_statements_that_are_sent(database: Database, owner: Engine) -> None:
    """promise D1: every question and command of payment; who changes a statement looks at its plan."""
    assert PAYMENT.asked(walk(database, owner, new_id())) == PAYMENT.kept(), "run make plans"


def test_no_kept_plan_reads_a_whole_table() -> None:
    """promise D1: beside a million entries, none of those that grow with every payment."""
    assert PAYMENT.kept()
    assert not PAYMENT.whole_tables()
