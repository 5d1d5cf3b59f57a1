"""Commission rules: proposed for the future, chosen once by what was true at the quote, never changed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.operator_days import month_before
from services.payment.usecases import commission_rules
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_provider_published
from shared.contracts.declaration import Caller
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.payment.bookings import Booked, published
from tests.integration.payment.records import rows
from tests.integration.payment.ruling import ADMIN, Market, line, proposal, rule


@pytest.fixture
def market(desk: Desk, owner: Engine, gateway: StripeGateway) -> Market:
    return Market(desk, owner, gateway)


def test_the_line_that_matches_is_stored_with_its_rate(market: Market, desk: Desk, owner: Engine) -> None:
    """promise D9, rules M8 and M20: by the category that search told, with the ids of set and line."""
    made = rule(desk, owner, line("0.08", category="massage"), default="0.12")
    by_category, other, unknown = market.paid("massage"), market.paid("nursing"), market.paid(None)
    assert by_category["commission_amount"] == 800
    assert (other["commission_amount"], unknown["commission_amount"]) == (1200, 1200)
    [stored] = rows(owner, "SELECT id FROM commission_line WHERE rule_id = :id", id=made["rules_id"])
    assert by_category["commission_line_id"] == stored["id"]
    assert str(by_category["commission_rule_id"]) == made["rules_id"]
    assert (by_category["commission_rate"], other["commission_rate"]) == (Decimal("0.08"), Decimal("0.12"))
    assert other["commission_line_id"] is None
    assert (by_category["category"], by_category["city"]) == ("massage", "New York")
    assert (unknown["category"], unknown["city"]) == (None, "New York")


def test_a_provider_s_own_line_comes_first(market: Market, desk: Desk, owner: Engine) -> None:
    mine = market.bookings.provider_id
    rule(desk, owner, line("0.08", category="massage"), line("0.05", mine), line("0.01", new_id()))
    assert market.paid("massage")["commission_amount"] == 500


def test_a_tier_is_reached_by_the_bookings_of_the_month_before(
    market: Market, desk: Desk, owner: Engine
) -> None:
    """promise D9: this month's captures, and another month's, do not count; the rate stays while it lasts."""
    rule(desk, owner, line("0.07", bookings=2))
    month = month_before(datetime.now(UTC), desk.operator_zone)
    first, second, third = (market.paid() for _ in range(3))
    market.move(first, month.begins)
    market.move(second, month.begins - timedelta(seconds=1))
    market.move(third, month.ends)
    assert market.paid()["commission_amount"] == 1000
    market.move(second, month.ends - timedelta(seconds=1))
    assert market.paid()["commission_amount"] == 700


def test_rules_that_begin_later_leave_a_quote_alone(market: Market, desk: Desk, owner: Engine) -> None:
    """rule M20: the instant of the quote decides, not the one of the payment."""
    rule(desk, owner, line("0.5", category="massage"))

    def quoted_before(booked: Booked) -> None:
        booked.quoted_at = datetime.now(UTC) - timedelta(days=2)

    assert market.paid("massage", prepare=quoted_before)["commission_amount"] == 1000
    assert market.paid("massage")["commission_amount"] == 5000


def test_a_copy_keeps_the_newest_version(market: Market, desk: Desk, owner: Engine) -> None:
    """rule C16: events come in any order."""
    booked = market.bookings.hold()
    market.bookings.publish_service(desk, booked, "nursing", version=3)
    market.bookings.publish_service(desk, booked, "massage", version=2)
    on_provider_published(desk, published(booked.provider_id, True, 3, "Boston"))
    on_provider_published(desk, published(booked.provider_id, True, 2, "Albany"))
    [service] = rows(owner, "SELECT category FROM catalogue_service")
    where = "WHERE provider_id = :id"
    [provider] = rows(owner, f"SELECT city FROM catalogue_provider {where}", id=booked.provider_id)
    assert (service["category"], provider["city"]) == ("nursing", "Boston")


def test_a_set_is_proposed_once_and_listed_with_who_and_why(desk: Desk) -> None:
    """promise G3: versions are added with their reason, the newest first, and the first is a setting's."""
    request = proposal(line("0.08", category="massage"), reason="a new category")
    made = commission_rules.propose(desk, request, ADMIN)
    assert commission_rules.propose(desk, request, ADMIN) == made
    listed = commission_rules.list_rules(desk, 1, None, ADMIN)
    assert listed["rules"] == [made]
    assert (made["proposed_by"], made["reason"]) == (ADMIN.user_id, "a new category")
    before = commission_rules.list_rules(desk, 1, listed["next"], ADMIN)
    assert (before["rules"][0]["proposed_by"], before["next"]) == (None, None)
    with pytest.raises(ServiceError, match="idempotency_key_reused"):
        commission_rules.propose(desk, request | {"reason": "another"}, ADMIN)
    with pytest.raises(ServiceError, match="valid_from_taken"):
        commission_rules.propose(desk, request | {"idempotency_key": new_id()}, ADMIN)


def test_the_past_and_the_present_are_not_ruled(desk: Desk, owner: Engine) -> None:
    """promise G3, rule B4: no price that was quoted gets other rules."""
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    with pytest.raises(ServiceError) as refused:
        commission_rules.propose(desk, proposal(valid_from=past), ADMIN)
    assert "valid_from" in refused.value.details["errors"]
    assert rows(owner, "SELECT count(*) AS n FROM commission_rule") == [{"n": 1}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"default_rate": "1.01"},
        {"default_rate": "-0.1"},
        {"default_rate": "0.123456"},
        {"default_rate": "NaN"},
        {"lines": [line("0.1")]},
        {"lines": [line("0.1", category="massage"), line("0.2", category="massage")]},
        {"lines": [line("0.1", bookings=-1)]},
        {"reason": ""},
    ],
)
def test_terms_that_say_nothing_clear_are_refused(wrong: dict[str, Any]) -> None:
    """promise G3: a rate is a share, a line names something, and no two name the same."""
    with pytest.raises(ServiceError, match="validation_failed"):
        proposal(**wrong)


def test_only_administrators_see_and_make_rules(desk: Desk) -> None:
    """rule B11: a customer or a provider is told that there is nothing."""
    other = Caller(user_id=new_id(), roles=("customer", "provider"))
    with pytest.raises(ServiceError, match="not_found"):
        commission_rules.propose(desk, proposal(), other)
    with pytest.raises(ServiceError, match="not_found"):
        commission_rules.list_rules(desk, 20, None, other)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE commission_rule SET reason = 'x'",
        "DELETE FROM commission_rule",
        "UPDATE commission_line SET rate = 0",
        "DELETE FROM commission_line",
        "UPDATE payment SET commission_line_id = NULL",
        "UPDATE payment SET captured_at = NULL",
    ],
)
def test_rules_can_not_be_rewritten(statement: str, desk: Desk, database: Database) -> None:
    """promise G3: append-only for the service's role."""
    with pytest.raises(DBAPIError, match="permission denied"), database.transaction() as connection:
        connection.execute(text(statement))
