"""A visit that its customer missed: who says so and when, what goes back, and how it is contested."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.booking.usecases import no_show
from services.booking.usecases.measure import measure_contests
from services.booking.usecases.read_contests import list_open_contests
from services.booking.usecases.read_history import read_history
from shared import clock
from shared.contracts.booking_no_show import (
    CONTEST_NO_SHOW,
    DECIDE_NO_SHOW,
    LIST_OPEN_CONTESTS,
    RECORD_NO_SHOW,
)
from shared.contracts.declaration import Caller, RpcMethod, read, write
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import (
    Desk,
    Provider,
    customer_of,
    member_of,
    one_of_staff,
    somebody,
)
from tests.integration.booking.ledger import Ledger

USE_CASES: dict[RpcMethod, Callable[[Transaction, dict[str, Any], Caller], dict[str, Any]]] = {
    RECORD_NO_SHOW: no_show.record_no_show,
    CONTEST_NO_SHOW: no_show.contest_no_show,
    DECIDE_NO_SHOW: no_show.decide_no_show,
}
ADMIN = Caller(user_id=new_id(), roles=("admin",))
GRACE = timedelta(minutes=15)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
TIP, PRICE = 500, 10000
NOTES = "The key is under the mat"


def _do(
    desk: Desk, method: RpcMethod, booking: dict[str, Any], caller: Caller, **members: Any
) -> dict[str, Any]:
    request = {"booking_id": booking["booking_id"], "idempotency_key": new_id(), **members}
    answer = USE_CASES[method](desk.transaction, read(method.request, request), caller)
    return read(method.answer, write(method.answer, answer))


def _decide(desk: Desk, booking: dict[str, Any], outcome: str, caller: Caller = ADMIN) -> dict[str, Any]:
    return _do(desk, DECIDE_NO_SHOW, booking, caller, outcome=outcome, reason="the door's log")


def _contest(desk: Desk, booking: dict[str, Any], caller: Caller | None = None) -> dict[str, Any]:
    return _do(desk, CONTEST_NO_SHOW, booking, caller or customer_of(booking), reason="I was there")


def _open_contests(desk: Desk, caller: Caller = ADMIN, limit: int = 100) -> list[dict[str, Any]]:
    """All of them, page by page."""
    method, listed, cursor = LIST_OPEN_CONTESTS, [], None
    while True:
        request = read(method.request, {"limit": limit, "cursor": cursor})
        page = write(method.answer, list_open_contests(desk.transaction, request, caller))
        assert len(page["contests"]) <= limit
        listed += page["contests"]
        cursor = page["next"]
        if cursor is None:
            return listed


def _agreed(desk: Desk, provider: Provider, start: str = "10:00") -> dict[str, Any]:
    booking = desk.hold(provider, start, notes=NOTES)
    desk.payment_succeeds(booking)
    return booking


def _until(instant: datetime) -> timedelta:
    return instant - clock.now()


def _code(refused: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as refusal:
        refused()
    return refusal.value.code


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider()


@pytest.fixture
def missed(desk: Desk, provider: Provider, move_clock: MoveClock) -> dict[str, Any]:
    """Said to be missed half an hour after its start."""
    booking = _agreed(desk, provider)
    with move_clock(_until(booking["starts_at"]) + 2 * GRACE):
        return _do(desk, RECORD_NO_SHOW, booking, member_of(provider))


def test_a_customer_is_missing_a_quarter_of_an_hour_after_the_start(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C4, rule B6: not a moment before; the service is the provider's, the tip goes back; the time is
    free, everybody is told once, and a day later it can't be contested any more."""
    booking, member, key = _agreed(desk, provider), member_of(provider), new_id()
    with move_clock(_until(booking["starts_at"]) + GRACE - timedelta(seconds=15)):
        with pytest.raises(ServiceError) as early:
            _do(desk, RECORD_NO_SHOW, booking, member)
        assert early.value.code == "too_early"
        assert early.value.details["earliest"] == clock.to_text(booking["starts_at"] + GRACE)
    with move_clock(_until(booking["starts_at"]) + GRACE + SECOND):
        missed = _do(desk, RECORD_NO_SHOW, booking, member, idempotency_key=key)
        assert _do(desk, RECORD_NO_SHOW, booking, member, idempotency_key=key) == missed
    assert (missed["state"], missed["version"], missed["contest"]) == ("no_show", 3, None)
    assert missed["refund"]["refund_percent"] == 0
    due = (missed["refund"]["service_refund"]["amount"], missed["refund"]["tip_refund"]["amount"])
    assert due == (0, TIP)
    assert abs(missed["contest_until"] - (booking["starts_at"] + GRACE + DAY)) < timedelta(seconds=30)
    assert ledger.allocations(booking["booking_id"]) == 0
    assert ledger.history(booking["booking_id"])[-1][1:] == (
        "confirmed",
        "no_show",
        "provider",
        "nobody_came",
    )
    name, told = ledger.events(provider.provider_id)[-2]
    assert (name, told["state"], told["tip_refund"]["amount"]) == ("booking_no_show", "no_show", TIP)
    assert ledger.event_names(provider.provider_id)[-1] == "availability_changed"
    with move_clock(_until(missed["contest_until"])):
        assert _code(lambda: _contest(desk, missed)) == "not_contestable"


def test_the_policy_of_the_quote_says_what_goes_back(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rule B4: a later policy is not that of the booking; a quote of a release before has none: nothing."""
    old = _agreed(desk, provider, "09:00")
    ledger.run("UPDATE booking SET quote = quote - 'no_show_percent' WHERE id = :id", id=old["booking_id"])
    ledger.run(
        "INSERT INTO refund_policy (id, valid_from, tiers, no_show_percent) VALUES "
        "('01890000-0000-7000-8000-000000000098', '2021-01-01T00:00:00Z', '[]', 30)"
    )
    try:
        new = _agreed(desk, provider, "12:00")
    finally:
        ledger.run("DELETE FROM refund_policy WHERE id = '01890000-0000-7000-8000-000000000098'")
    assert new["quote"]["no_show_percent"] == 30
    with move_clock(_until(new["starts_at"]) + 2 * GRACE):
        shares = [
            _do(desk, RECORD_NO_SHOW, booking, member_of(provider))["refund"]["service_refund"]["amount"]
            for booking in (old, new)
        ]
    assert shares == [0, 3000]


def test_who_says_that_nobody_came(desk: Desk, ledger: Ledger, move_clock: MoveClock) -> None:
    """rule B11, promise H2: the owner, and who of the staff does it; for others there is no such booking; and
    nobody says so of a visit that has begun."""
    agency = desk.open_provider(staff=2)
    booking, begun = _agreed(desk, agency), _agreed(desk, agency, "12:00")
    doer = agency.staff.index(booking["staff_id"])
    with move_clock(_until(begun["starts_at"]) + GRACE + SECOND):
        for stranger in (somebody(), customer_of(booking), ADMIN, member_of(desk.open_provider())):
            assert _code(partial(_do, desk, RECORD_NO_SHOW, booking, stranger)) == "not_found"
        colleague = one_of_staff(agency, 1 - doer)
        assert _code(lambda: _do(desk, RECORD_NO_SHOW, booking, colleague)) == "forbidden"
        assert ledger.state(booking["booking_id"]) == "confirmed"
        assert _do(desk, RECORD_NO_SHOW, booking, one_of_staff(agency, doer))["state"] == "no_show"
        desk.start(begun, member_of(agency))
        refused = _code(lambda: _do(desk, RECORD_NO_SHOW, begun, member_of(agency)))
        assert refused == "booking_state_conflict"


def test_a_contest_that_is_lost_leaves_all_as_it_was(
    desk: Desk, provider: Provider, ledger: Ledger, missed: dict[str, Any]
) -> None:
    """rule B6: contested once, by its customer; decided once, by an administrator, with reasons that both
    sides read; each is told."""
    assert _code(lambda: _decide(desk, missed, "stands")) == "not_contestable"
    for stranger in (somebody(), member_of(provider)):
        assert _code(partial(_contest, desk, missed, stranger)) == "not_found"
    contested = _contest(desk, missed)
    assert (contested["state"], contested["contest"], contested["version"]) == ("no_show", "open", 4)
    assert _code(lambda: _contest(desk, missed)) == "not_contestable"
    for stranger in (member_of(provider), customer_of(missed)):
        assert _code(partial(_decide, desk, missed, "overturned", stranger)) == "not_found"
    stands = _decide(desk, missed, "stands")
    assert (stands["state"], stands["contest"], stands["refund"]) == ("no_show", "stands", missed["refund"])
    assert _code(lambda: _decide(desk, missed, "overturned")) == "not_contestable"
    told = ledger.event_names(provider.provider_id)
    assert [told.count(name) for name in ("booking_contested", "booking_no_show_stands")] == [1, 1]
    for reader in (member_of(provider), customer_of(missed)):
        changes = read_history(desk.transaction, missed["booking_id"], reader)["changes"]
        assert [one["note"] for one in changes[-2:]] == ["I was there", "the door's log"]
        assert changes[-1]["actor_id"] is None


def test_a_contest_that_is_won_gives_everything_back(
    desk: Desk, provider: Provider, ledger: Ledger, missed: dict[str, Any]
) -> None:
    """rule B6, promise C6: cancelled with 100 % and the tip, for a cause of its own, by the administrator."""
    _contest(desk, missed)
    won = _decide(desk, missed, "overturned")
    assert (won["state"], won["contest"]) == ("cancelled", "overturned")
    assert won["cancel_cause"] == "no_show_overturned"
    refund = won["refund"]
    assert (refund["refund_percent"], refund["service_refund"]["amount"]) == (100, PRICE)
    assert refund["tip_refund"]["amount"] == TIP
    assert ledger.history(missed["booking_id"])[-1][1:] == (
        "no_show",
        "cancelled",
        "admin",
        "no_show_overturned",
    )
    assert ledger.event_names(provider.provider_id).count("booking_cancelled") == 1
    assert _code(lambda: _contest(desk, missed)) == "booking_state_conflict"


def test_an_administrator_sees_what_waits_for_them(
    desk: Desk, provider: Provider, move_clock: MoveClock
) -> None:
    """rule B6: contests of everybody, the longest missed first whoever contested first, until it is decided,
    with what the customer said, but not what they have noted for the carer (promise C10); for others there is
    no such list."""
    first, second, silent = (_agreed(desk, provider, start) for start in ("10:00", "12:00", "14:00"))
    for booking in (first, second, silent):
        with move_clock(_until(booking["starts_at"]) + 2 * GRACE):
            assert _do(desk, RECORD_NO_SHOW, booking, member_of(provider))["notes"] == NOTES
    with move_clock(_until(silent["starts_at"]) + 2 * GRACE):
        contested = {booking["booking_id"]: _contest(desk, booking) for booking in (second, first)}
        ours = [one for one in _open_contests(desk, limit=1) if one["booking"]["booking_id"] in contested]
        assert [one["booking"]["booking_id"] for one in ours] == [first["booking_id"], second["booking_id"]]
        assert [one["booking"]["contest"] for one in ours] == ["open", "open"]
        assert [one["reason"] for one in ours] == ["I was there"] * 2
        assert [one["booking"]["notes"] for one in ours] == [None] * 2
        assert ours[1]["contested_at"] <= ours[0]["contested_at"]
        for stranger in (somebody(), member_of(provider), customer_of(first)):
            assert _code(partial(_open_contests, desk, stranger)) == "not_found"
        assert _decide(desk, first, "stands")["notes"] is None
        left = {one["booking"]["booking_id"] for one in _open_contests(desk)}
    assert left & {first["booking_id"], second["booking_id"]} == {second["booking_id"]}


def test_how_many_wait_and_for_how_long_is_measured(
    desk: Desk, missed: dict[str, Any], move_clock: MoveClock
) -> None:
    """promise I1: from when the provider said so, until nothing waits any more."""

    def figures() -> tuple[float | None, float]:
        measure_contests(desk.transaction)
        oldest = REGISTRY.get_sample_value("care_contests_oldest_seconds")
        return REGISTRY.get_sample_value("care_contests_open"), oldest or 0

    with move_clock(_until(missed["starts_at"]) + 2 * GRACE):
        for one in _open_contests(desk):  # what other tests left
            _decide(desk, one["booking"], "stands")
        assert figures() == (0, 0)
        _contest(desk, missed)
    with move_clock(_until(missed["contest_until"]) + DAY):
        count, oldest = figures()
        assert count == 1
        assert timedelta(seconds=oldest) - 2 * DAY < timedelta(seconds=30)
        assert timedelta(seconds=oldest) >= 2 * DAY - SECOND
        _decide(desk, missed, "stands")
        assert figures() == (0, 0)
