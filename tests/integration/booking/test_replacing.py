"""A visit at a time that costs more: nobody moves without paying, and nobody pays without moving."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.series_holds import end_unpaid_keeping
from shared import clock
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, customer_of, somebody
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import SeriesDesk

DEARER = 12000


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider()


@pytest.fixture
def agreed(desk: Desk, provider: Provider, ledger: Ledger) -> dict[str, Any]:
    """A visit at 10:00 that was paid before the service became dearer."""
    booking = desk.hold(provider)
    desk.payment_succeeds(booking)
    _raise_price(ledger, provider, DEARER)
    return booking


def _raise_price(ledger: Ledger, provider: Provider, price: int) -> None:
    ledger.run(
        "UPDATE service SET price_amount = :price WHERE id = :id", price=price, id=provider.services[0]
    )


def _in_place(desk: Desk, provider: Provider, old: dict[str, Any], start: str = "14:00") -> dict[str, Any]:
    return desk.hold(provider, start, customer_of(old), replaces_booking_id=old["booking_id"])


def _refused(code: str, say: Any, *arguments: Any, **members: Any) -> None:
    with pytest.raises(ServiceError) as refused:
        say(*arguments, **members)
    assert refused.value.code == code


def _until(instant: datetime) -> timedelta:
    return instant - clock.now()


def _states(ledger: Ledger, *bookings: dict[str, Any]) -> list[str]:
    return [ledger.state(one["booking_id"]) for one in bookings]


def test_paid_it_takes_the_place_of_the_agreed_visit(
    desk: Desk, provider: Provider, ledger: Ledger, agreed: dict[str, Any]
) -> None:
    """promise C6, rules B2 and C14: both are held until then; in one commit the one is agreed and the other
    free, with all of its money due back; it counts as a move."""
    new = _in_place(desk, provider, agreed)
    assert (new["replaces_booking_id"], new["quote"]["total"]["amount"]) == (agreed["booking_id"], DEARER)
    assert _states(ledger, agreed, new) == ["confirmed", "pending"]
    assert {"10:00", "14:00"}.isdisjoint(desk.free_times(provider))
    paid = desk.payment_succeeds(desk.prepare(new))
    assert _states(ledger, agreed, new) == ["cancelled", "confirmed"]
    old = desk.look(agreed)
    assert (old["cancel_cause"], old["refund"]["service_refund"]["amount"]) == ("replaced", 10000)
    assert old["refund"]["tip_refund"]["amount"] == 500
    assert "10:00" in desk.free_times(provider)
    assert desk.reschedule_quote(new, "16:00")["moves_left"] == 1
    desk.payment_succeeds(new, payment_id=paid.data["payment_id"])
    assert _states(ledger, agreed, new) == ["cancelled", "confirmed"]


def test_the_visit_that_it_replaces_is_no_second_place(desk: Desk, ledger: Ledger) -> None:
    """rule C19: half an hour later, with another of the staff, nobody is in two places."""
    provider = desk.open_provider(staff=2)
    old = desk.hold(provider)
    desk.payment_succeeds(old)
    price = "UPDATE service SET price_amount = :price WHERE id = :id"
    ledger.run(price, price=DEARER, id=provider.services[0])
    new = _in_place(desk, provider, old, "10:30")
    assert _states(ledger, old, new) == ["confirmed", "pending"]


def test_unpaid_it_ends_and_the_agreed_visit_stands(
    desk: Desk,
    provider: Provider,
    ledger: Ledger,
    agreed: dict[str, Any],
    transaction: Transaction,
    move_clock: MoveClock,
) -> None:
    """promise C6, rule C7: refused by the bank or left alone, the time is free again."""
    new = _in_place(desk, provider, agreed)
    desk.payment_fails(new)
    with move_clock(timedelta(minutes=16)):
        sweep_expired_holds(transaction)
        assert _states(ledger, agreed, new) == ["confirmed", "expired"]
        assert "14:00" in desk.free_times(provider)
        desk.payment_succeeds(new)
        assert _states(ledger, agreed, new) == ["cancelled", "confirmed"]


@pytest.mark.parametrize("ended", ["cancelled", "moved", "begun"])
@pytest.mark.parametrize("hold", ["live", "ended"])
def test_nobody_pays_for_what_moves_nothing(
    desk: Desk,
    provider: Provider,
    ledger: Ledger,
    agreed: dict[str, Any],
    transaction: Transaction,
    move_clock: MoveClock,
    ended: str,
    hold: str,
) -> None:
    """promise C6, rule W5: what it replaces is not there to be given up any more; payment is refused, and
    money that was on its way goes back."""
    new = _in_place(desk, provider, agreed)
    if ended == "cancelled":
        desk.cancel(agreed)
    elif ended == "moved":
        ledger.run("UPDATE service SET price_amount = 10000 WHERE id = :id", id=provider.services[0])
        desk.reschedule(agreed, "16:00")
    if hold == "live":
        desk.payment_processing(new)
    late = _until(agreed["starts_at"]) if ended == "begun" else timedelta(minutes=50)
    with move_clock(late):
        if hold == "ended":
            sweep_expired_holds(transaction)
        over = hold == "ended" or ended == "begun"
        _refused("hold_expired" if over else "booking_state_conflict", desk.prepare, new)
        before = ledger.state(agreed["booking_id"])
        desk.payment_succeeds(new)
        assert _states(ledger, agreed, new) == [before, "cancelled"]
        back = desk.look(new)
        assert (back["cancel_cause"], back["refund"]["service_refund"]["amount"]) == ("not_replaced", DEARER)
        assert "14:00" in desk.free_times(provider)


def test_it_is_to_be_paid_before_the_agreed_visit_begins(
    desk: Desk, provider: Provider, agreed: dict[str, Any], move_clock: MoveClock
) -> None:
    """rule B6: nobody who missed a visit gives it up for another one afterwards."""
    with move_clock(_until(agreed["starts_at"]) - timedelta(minutes=5)):
        new = _in_place(desk, provider, agreed)
        assert new["hold_expires_at"] == agreed["starts_at"]
        assert desk.prepare(new)["hold_expires_at"] == agreed["starts_at"]
    with move_clock(_until(agreed["starts_at"])):
        _refused("booking_state_conflict", _in_place, desk, provider, agreed, "16:00")


def test_it_makes_cancelling_no_cheaper(
    desk: Desk, provider: Provider, agreed: dict[str, Any], move_clock: MoveClock
) -> None:
    """rule B2: the notice that there was at the move counts for the new visit too."""
    later = (desk.day + timedelta(days=20)).isoformat()
    with move_clock(_until(agreed["starts_at"]) - timedelta(hours=1)):
        members = {"booking_date": later, "replaces_booking_id": agreed["booking_id"]}
        new = desk.hold(provider, "10:00", customer_of(agreed), **members)
        desk.payment_succeeds(new)
        assert desk.refund_quote(new)["refund_percent"] == 50


def test_whose_visit_is_replaced_by_what(
    desk: Desk, provider: Provider, agreed: dict[str, Any], transaction: Transaction, ledger: Ledger
) -> None:
    """promise H2, rules B5 and B11: one's own, agreed, of the same service, as often as it may be moved; its
    provider is not asked again."""
    mine = customer_of(agreed)
    replaces = {"replaces_booking_id": agreed["booking_id"]}
    _refused("not_found", desk.hold, provider, "14:00", somebody(), **replaces)
    _refused("validation_failed", desk.hold, provider, "14:00", mine, service=1, **replaces)
    ProviderDesk(transaction, provider).service_rules(acceptance="provider")
    for more, start in enumerate(("11:00", "12:00", "13:00")):
        _raise_price(ledger, provider, DEARER + more)
        new = _in_place(desk, provider, agreed, start)
        desk.payment_succeeds(new)
        assert desk.look(new)["state"] == "confirmed"
        agreed = new
    _raise_price(ledger, provider, DEARER * 2)
    _refused("too_many_moves", _in_place, desk, provider, agreed, "15:00")
    waits = desk.hold(provider, "16:00", mine)
    _refused("booking_state_conflict", _in_place, desk, provider, waits, "17:00")


def test_of_two_in_place_of_one_visit_one_is_paid(
    desk: Desk, provider: Provider, ledger: Ledger, agreed: dict[str, Any]
) -> None:
    """promise C6: however payments meet, the visit is given up once, and the other's money goes back."""
    both = [_in_place(desk, provider, agreed, start) for start in ("14:00", "16:00")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(desk.payment_succeeds, both))
    assert sorted(_states(ledger, agreed, *both)) == ["cancelled", "cancelled", "confirmed"]
    assert _states(ledger, agreed) == ["cancelled"]


def test_its_series_has_it_in_place_of_the_other(
    desk: Desk, provider: Provider, ledger: Ledger, transaction: Transaction
) -> None:
    """rule T17: the only paid visit of a series is replaced; the rest of it is kept as before. Until it
    is paid, what replaces it is no visit of the series."""
    customer = SeriesDesk(desk)
    made = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=3")
    first, *others = [one["booking"] for one in made["instances"]]
    desk.payment_succeeds(first)
    _raise_price(ledger, provider, DEARER)
    new, refused = _in_place(desk, provider, first), _in_place(desk, provider, first, "16:00")
    assert new["series_id"] is None
    for each in (new, refused):
        desk.payment_succeeds(each)
    assert (desk.look(new)["series_id"], desk.look(refused)["series_id"]) == (made["series_id"], None)
    kept = (
        "SELECT facts ->> 'series_id' FROM booking_history WHERE booking_id = :id AND to_state = 'confirmed'"
    )
    assert ledger.one(kept, id=new["booking_id"]) == made["series_id"]
    shown = customer.get(made)["instances"]
    assert shown[0]["booking"]["booking_id"] == new["booking_id"]
    assert [one["booking"]["state"] for one in shown] == ["confirmed", "pending", "pending"]
    end_unpaid_keeping(transaction, 900)
    assert customer.get(made)["kept_at"] is not None
    assert all(desk.look(one)["hold_expires_at"] > clock.now() + timedelta(days=1) for one in others)
