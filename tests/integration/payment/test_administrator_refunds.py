"""An administrator's refund: previewed, exactly that or nothing, once, bounded, for administrators alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.usecases.administrator_refunds import preview_refund, refund_payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.inspect_payments import inspect_payment, list_refunds
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller, Role, read, write
from shared.errors import ServiceError
from shared.ids import new_id
from shared.money import Money
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.paying import ask_for_3ds, pay
from tests.integration.payment.records import events, rows, run_jobs
from tests.integration.payment.refunding import balances, cancel, refunds_of
from tests.integration.payment.standin import StandIn

ADMINISTRATOR = Caller(user_id=new_id(), roles=(Role.ADMIN,))
PARTS = ("refund", "provider_bears", "platform_bears", "left", "left_service", "left_tip")


def wish(payment_id: str, **amounts: str | None) -> dict[str, Any]:
    """A request as the contract reads it."""
    return read(contract.PREVIEW_REFUND.request, {"payment_id": payment_id, **amounts})


def preview(desk: Desk, payment_id: str, **amounts: str | None) -> dict[str, Any]:
    return preview_refund(desk, wish(payment_id, **amounts), ADMINISTRATOR)


def command(shown: dict[str, Any], key: str = "", **amounts: str | None) -> dict[str, Any]:
    """The command that carries out what was shown."""
    return wish(shown["payment_id"], **amounts) | {
        "preview_id": shown["preview_id"],
        "reason": "The carer came an hour late.",
        "idempotency_key": key or new_id(),
    }


def amounts_of(shown: dict[str, Any]) -> list[int]:
    return [shown[name]["amount"] for name in PARTS]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"amount": "105.00"}, [10500, 9500, 1000, 0, 0, 0]),
        ({"amount": "75.00"}, [7500, 6750, 750, 3000, 2500, 500]),
        ({"amount": "102.00"}, [10200, 9200, 1000, 300, 0, 300]),
        ({"service_amount": "33.34"}, [3334, 3001, 333, 7166, 6666, 500]),
        ({"tip_amount": "5"}, [500, 500, 0, 10000, 10000, 0]),
        ({"service_amount": "75.00", "tip_amount": "5.00"}, [8000, 7250, 750, 2500, 2500, 0]),
    ],
)
def test_what_was_previewed_is_done(
    wanted: dict[str, str], expected: list[int], desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """promise G1, rules B3 and M9: shown, written, posted, sent: the same numbers."""
    booked = bookings.hold()
    payment_id = pay(desk, booked, "5.00")["payment_id"]
    shown = preview(desk, payment_id, **wanted)
    write(contract.PREVIEW_REFUND.answer, shown)
    assert amounts_of(shown) == expected
    assert refunds_of(owner, payment_id) == []
    done = refund_payment(desk, command(shown, **wanted), ADMINISTRATOR)
    write(contract.REFUND_PAYMENT.answer, done)
    assert [done[name] for name in PARTS[:3]] == [shown[name] for name in PARTS[:3]]
    assert (done["state"], done["requested_by"]) == ("due", ADMINISTRATOR.user_id)
    run_jobs(desk, owner)
    refund, from_provider, from_platform, left, _, _ = expected
    assert balances(owner, booked.id) == {
        "stripe_clearing": left,
        "customer_funds": 0,
        "platform_commission": -1000 + from_platform,
        "provider_payable": -9500 + from_provider,
        "refunds_payable": 0,
    }
    told = events(owner)[-1]
    assert (told["type"], told["data"]["cause"]) == ("payment_refunded", "administrator")
    inspected = inspect_payment(desk, payment_id, ADMINISTRATOR)
    write(contract.INSPECT_PAYMENT.answer, inspected)
    assert (inspected["left"]["amount"], inspected["refunded"]["amount"]) == (left, refund)
    assert inspected["refunds"][0]["reason"] == "The carer came an hour late."


def test_what_changed_since_it_was_shown_is_not_done(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule B3: 409 with the numbers of now, and these are then done."""
    payment_id = pay(desk, bookings.hold(10001))["payment_id"]
    old = preview(desk, payment_id, amount="33.34")
    between = preview(desk, payment_id, amount="33.33")
    refund_payment(desk, command(between, amount="33.33"), ADMINISTRATOR)
    with pytest.raises(ServiceError) as refused:
        refund_payment(desk, command(old, amount="33.34"), ADMINISTRATOR)
    assert refused.value.code == "preview_changed"
    assert len(refunds_of(owner, payment_id)) == 1
    new = refused.value.details["preview"]
    assert new == write(contract.PREVIEW_REFUND.answer, preview(desk, payment_id, amount="33.34"))
    assert (old["platform_bears"]["amount"], new["left"]["amount"]) == (333, 3334)
    refund_payment(desk, command(new, amount="33.34"), ADMINISTRATOR)
    with pytest.raises(ServiceError, match="preview_changed"):
        refund_payment(desk, command(new, amount="1.00"), ADMINISTRATOR)


def test_a_refund_under_one_key_is_one_refund(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule C13: also at the same moment; another body under the key is refused."""
    payment_id = pay(desk, bookings.hold())["payment_id"]
    shown = preview(desk, payment_id, amount="40.00")
    request = command(shown, "one key", amount="40.00")

    def ask(_: int) -> str:
        try:
            return str(refund_payment(desk, request, ADMINISTRATOR)["refund_id"])
        except ServiceError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8))) - {"request_in_progress"}
    assert answers == {str(one["id"]) for one in refunds_of(owner, payment_id)}
    assert len(answers) == 1
    with pytest.raises(ServiceError, match="idempotency_key_reused"):
        refund_payment(desk, request | {"reason": "another"}, ADMINISTRATOR)
    rows(owner, "DELETE FROM idempotency RETURNING key")
    again = request | {"preview_id": preview(desk, payment_id, amount="40.00")["preview_id"]}
    with pytest.raises(ServiceError, match="idempotency_key_reused"):
        refund_payment(desk, again, ADMINISTRATOR)
    assert len(refunds_of(owner, payment_id)) == 1


def test_administrators_at_once_give_no_more_than_there_is(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M11: of ten who want 60.00 of 100.00, one gets it."""
    payment_id = pay(desk, bookings.hold())["payment_id"]
    shown = preview(desk, payment_id, amount="60.00")

    def ask(_: int) -> str:
        try:
            refund_payment(desk, command(shown, amount="60.00"), ADMINISTRATOR)
        except ServiceError as error:
            return error.code
        return "owed"

    with ThreadPoolExecutor(10) as pool:
        said = sorted(pool.map(ask, range(10)))
    assert said == ["owed", *["refund_exceeds_payment"] * 9]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"amount": "105.01"}, "refund_exceeds_payment"),
        ({"amount": "0"}, "refund_exceeds_payment"),
        ({"tip_amount": "5.01"}, "refund_exceeds_payment"),
        ({"amount": "1.001"}, "amount_precision"),
        ({"amount": "-1"}, "validation_failed"),
        ({"amount": "1", "tip_amount": "1"}, "validation_failed"),
        ({}, "validation_failed"),
    ],
)
def test_what_can_not_go_back_is_not_previewed(
    wanted: dict[str, str], code: str, desk: Desk, bookings: Bookings
) -> None:
    """rules M11 and M2"""
    payment_id = pay(desk, bookings.hold(), "5.00")["payment_id"]
    with pytest.raises(ServiceError, match=code):
        preview(desk, payment_id, **wanted)


def test_a_payment_without_money_is_not_given_back(desk: Desk, bookings: Bookings) -> None:
    _, asked = ask_for_3ds(desk, bookings)
    with pytest.raises(ServiceError, match="not_captured"):
        preview(desk, asked["payment_id"], amount="1.00")


def test_refunds_are_for_administrators(desk: Desk, bookings: Bookings) -> None:
    """promise H2, rule B11: payment checks it itself; the customer finds nothing either."""
    booked = bookings.hold()
    payment_id = pay(desk, booked)["payment_id"]
    shown = preview(desk, payment_id, amount="1.00")
    provider = Caller(user_id=new_id(), roles=(Role.PROVIDER,), memberships=(booked.provider_id,))
    asks: list[Callable[[Caller], object]] = [
        lambda who: preview_refund(desk, wish(payment_id, amount="1.00"), who),
        lambda who: refund_payment(desk, command(shown, amount="1.00"), who),
        lambda who: inspect_payment(desk, payment_id, who),
        lambda who: list_refunds(desk, listing(), who),
    ]
    for caller in (booked.customer, provider, Caller()):
        for ask in asks:
            with pytest.raises(ServiceError, match="not_found"):
                ask(caller)


def listing(**filters: Any) -> dict[str, Any]:
    return read(contract.LIST_REFUNDS.request, filters)


def test_refunds_are_listed_newest_first(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """promise G1: of everybody, by payment and by state, page by page."""
    ids = []
    for _ in range(3):
        booked = bookings.hold()
        pay(desk, booked)
        cancel(desk, booked, 100, 10000)
        ids.append(str(rows(owner, "SELECT id FROM refund ORDER BY id DESC LIMIT 1")[0]["id"]))
    first = list_refunds(desk, listing(limit=2), ADMINISTRATOR)
    write(contract.LIST_REFUNDS.answer, first)
    second = list_refunds(desk, listing(limit=2, cursor=first["next"]), ADMINISTRATOR)
    seen = [one["refund_id"] for page in (first, second) for one in page["refunds"]]
    assert (seen, second["next"]) == (ids[::-1], None)
    run_jobs(desk, owner)
    assert list_refunds(desk, listing(state="due"), ADMINISTRATOR)["refunds"] == []
    done = list_refunds(desk, listing(state="succeeded"), ADMINISTRATOR)["refunds"]
    assert [one["refund_id"] for one in done] == ids[::-1]
    of_one = list_refunds(desk, listing(payment_id=done[0]["payment_id"]), ADMINISTRATOR)["refunds"]
    assert [one["refund_id"] for one in of_one] == [ids[2]]
    assert Money.from_wire(of_one[0]["refund"]) == Money(10000, "USD")


def test_what_cancelling_gives_back_counts_what_was_given(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule M11: 75 % of 100.00 is due after 40.00 went back by hand: 60.00 are left, no more goes."""
    booked = bookings.hold()
    payment_id = pay(desk, booked)["payment_id"]
    shown = preview(desk, payment_id, amount="40.00")
    refund_payment(desk, command(shown, amount="40.00"), ADMINISTRATOR)
    run_jobs(desk, owner)
    cancel(desk, booked, 75, 3500)
    run_jobs(desk, owner)
    back = [one["service_amount"] for one in refunds_of(owner, payment_id)]
    assert back == [4000, 3500]
    assert Decimal(balances(owner, booked.id)["stripe_clearing"]) == 2500
