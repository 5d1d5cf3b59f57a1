"""Limits in memory of one process; what Redis shares is tested with it."""

from datetime import timedelta
from functools import partial

import pytest

from services.gateway.blueprint import Budget
from services.gateway.context import TrustedProxies
from services.gateway.limits import FREE_FAILURES, MAX_PENALTY_SECONDS, Limits, figures
from shared import clock
from shared.errors import ServiceError
from tests.unit.gateway.door import Door, NoRedis, problem_of

TOMORROW = f"date={clock.now() + timedelta(days=1):%Y-%m-%d}"


@pytest.fixture
def limits() -> Limits:
    return Limits(NoRedis(), figures(50, 20))


def _allowed(limits: Limits, budget: Budget, user: str, address: str, tries: int) -> int:
    for allowed in range(tries):
        try:
            limits.check(budget, user, address)
        except ServiceError as refusal:
            if refusal.code == "rate_limited" and 1 <= refusal.details["retry_after"] <= 60:
                return allowed
            raise
    return tries


@pytest.mark.parametrize(
    ("budget", "stranger", "account"),
    [(Budget.SEARCH, 50, 120), (Budget.BOOKING, 20, 20), (Budget.OTHER, 10, 120)],
)
def test_the_figures_of_a_minute(limits: Limits, budget: Budget, stranger: int, account: int) -> None:
    """promise H4"""
    assert _allowed(limits, budget, "", "2001:db8::1", 500) == stranger
    assert _allowed(limits, budget, "somebody", "2001:db8::2", 500) == account


def test_budgets_addresses_and_accounts_are_apart(limits: Limits) -> None:
    """rule B13: one who asks too often harms nobody else, and no other budget of his own."""
    assert _allowed(limits, Budget.OTHER, "", "2001:db8::1", 99) == 10
    assert _allowed(limits, Budget.SEARCH, "", "2001:db8::1", 1) == 1
    assert _allowed(limits, Budget.OTHER, "", "2001:db8::2", 1) == 1
    assert _allowed(limits, Budget.OTHER, "somebody", "2001:db8::1", 1) == 1


def test_many_accounts_behind_one_address_have_a_wide_bound(limits: Limits) -> None:
    allowed = sum(_allowed(limits, Budget.BOOKING, f"user {n}", "2001:db8::1", 20) for n in range(15))
    assert allowed == 200


def test_what_has_no_limit_has_none(limits: Limits) -> None:
    """rule W12: webhooks are exempt from limits by address."""
    assert _allowed(limits, Budget.UNLIMITED, "", "2001:db8::1", 2000) == 2000


def test_failed_sign_ins_cost_longer_and_longer(limits: Limits) -> None:
    """promise H4: progressive penalties, for this account from this address."""
    waits = []
    for _ in range(FREE_FAILURES + 12):
        limits.note_failure("a@example.test", "2001:db8::1")
        waits.append(_wait(limits))
    assert waits == [0] * FREE_FAILURES + [5, 10, 20, 40, 80, 160, 320, 640] + [MAX_PENALTY_SECONDS] * 4
    limits.check_penalty("a@example.test", "2001:db8::2")
    limits.check_penalty("b@example.test", "2001:db8::1")


def _wait(limits: Limits) -> int:
    try:
        limits.check_penalty("a@example.test", "2001:db8::1")
    except ServiceError as refusal:
        return int(refusal.details["retry_after"])
    return 0


def test_signing_in_forgives(limits: Limits) -> None:
    for _ in range(FREE_FAILURES):
        limits.note_failure("a@example.test", "2001:db8::1")
    limits.forgive("a@example.test", "2001:db8::1")
    limits.note_failure("a@example.test", "2001:db8::1")
    limits.check_penalty("a@example.test", "2001:db8::1")


def test_a_refused_request_says_when_to_come_back(door: Door) -> None:
    """promise H4: a clear 429 with Retry-After."""
    door.services.answers["search.list_categories"] = lambda _: {"categories": []}
    answers = [door.call("GET", "customer/categories", address="2001:db8:aaaa:1::1") for _ in range(51)]
    assert [answer.status_code for answer in answers] == [200] * 50 + [429]
    assert problem_of(answers[-1])["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "query", ["latitude=91&longitude=0", "unheard=of", TOMORROW, "query=massage", "query=&limit=1"]
)
def test_every_question_counts_however_it_ends(door: Door, query: str) -> None:
    """promise H4: also one that is refused for itself, or whose answer is no part of the cache."""
    door.services.answers["search.search_providers"] = lambda _: {"providers": [], "next": None}
    ask = partial(door.call, "GET", f"customer/search?{query}", address="2001:db8:aaaa:2::1")
    assert 429 not in [ask().status_code for _ in range(50)]
    asked = len(door.services.calls)
    answer = ask()
    assert problem_of(answer)["code"] == "rate_limited"
    assert "Retry-After" in answer.headers
    assert len(door.services.calls) == asked, "nobody is asked for whom asks too often"


def test_all_addresses_of_one_household_count_together(door: Door) -> None:
    """rule B13: whoever has an IPv6 network takes another address for each request."""
    door.services.answers["search.list_categories"] = lambda _: {"categories": []}
    own = [f"2001:db8:1:1::{number:x}" for number in range(51)]
    codes = [door.call("GET", "customer/categories", address=one).status_code for one in own]
    assert codes == [200] * 50 + [429]
    assert door.call("GET", "customer/categories", address="2001:db8:1:2::1").status_code == 200


def test_what_matches_no_route_counts_too(door: Door) -> None:
    codes = [door.call("GET", "nothing", address="2001:db8:aaaa:2::1").status_code for _ in range(11)]
    assert codes == [404] * 10 + [429]


def test_guessing_tokens_is_not_free(door: Door) -> None:
    codes = [
        door.call("GET", "auth/me", token="x", address="2001:db8:aaaa:3::1").status_code for _ in range(11)
    ]
    assert codes == [401] * 10 + [429]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.7, 10.0.0.4", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "2001:DB8::1", "2001:db8::/64"),
        ("127.0.0.1", "2001:db8:0:0:ffff::2", "2001:db8::/64"),
        ("127.0.0.1", "2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_forwarded_addresses_are_believed_from_proxies_only(peer: str, forwarded: str, address: str) -> None:
    """rule B13"""
    assert TrustedProxies(("127.0.0.1", "10.0.0.0/8")).client_address(peer, forwarded) == address
