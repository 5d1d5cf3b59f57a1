"""Refunds as jobs: exact amounts, bounded, once, and what the ledger says of them."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from services.payment import show_accounts
from services.payment.domain.refunds import RefundObservation, RefundStatus
from services.payment.store import refunds
from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.read_payments import get_payment, list_payments
from services.payment.usecases.refunds_due import refund_part
from services.payment.usecases.retry_refund import retry_refund
from services.payment.usecases.settle_refunds import apply_refund
from shared.database.transaction import read_app_now
from shared.errors import ServiceError
from shared.ids import new_id
from shared.money import Money
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.paying import REFUND, WITH_3DS, pay
from tests.integration.payment.records import events, jobs, payments_of, rows, run_jobs
from tests.integration.payment.refunding import balances, cancel, operations_of, refunds_of
from tests.integration.payment.standin import StandIn


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def test_a_paid_booking_stands_on_its_accounts(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """promise D10: 105.00 with 5.00 tip: 10.00 commission, 95.00 the provider's."""
    booked = bookings.hold()
    pay(desk, booked, "5.00")
    assert balances(owner, booked.id) == {
        "stripe_clearing": 10500,
        "customer_funds": 0,
        "platform_commission": -1000,
        "provider_payable": -9500,
    }


@pytest.mark.parametrize(
    ("currency", "price", "tip", "percent", "service", "refunded", "returned", "provider", "platform"),
    [
        ("USD", 10000, "5.00", 100, 10000, 10500, 1000, 0, 0),
        ("USD", 10000, "5.00", 75, 7500, 8000, 750, 2250, 250),
        ("USD", 10000, "5.00", 50, 5000, 5500, 500, 4500, 500),
        ("USD", 10000, None, 75, 7500, 7500, 750, 2250, 250),
        ("USD", 9999, None, 75, 7499, 7499, 750, 2250, 250),
        ("KWD", 12350, None, 100, 12350, 12350, 1240, 0, 0),
        ("KWD", 12350, None, 75, 9260, 9260, 930, 2780, 310),
        ("JPY", 5000, None, 50, 2500, 2500, 250, 2250, 250),
    ],
)
def test_what_is_left_after_a_cancellation(
    currency: str,
    price: int,
    tip: str | None,
    percent: int,
    service: int,
    refunded: int,
    returned: int,
    provider: int,
    platform: int,
    desk: Desk,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
) -> None:
    """promise D3, rules M9, M2 and W5: to the last unit, at Stripe, on the accounts, in the event."""
    booked = bookings.hold(price, currency)
    paid = pay(desk, booked, tip)
    tip_amount = paid["tip_amount"]["amount"]
    cancel(desk, booked, percent, service, tip_amount)
    run_jobs(desk, owner)
    run_jobs(desk, owner)
    assert balances(owner, booked.id) == {
        "stripe_clearing": price + tip_amount - refunded,
        "customer_funds": 0,
        "platform_commission": -platform,
        "provider_payable": -provider,
        "refunds_payable": 0,
    }
    seen = desk.open_provider().refunds.refunds_of(paid["payment_intent_id"])
    assert [(one.amount, one.status) for one in seen] == [(refunded, RefundStatus.SUCCEEDED)]
    answer = get_payment(desk, paid["payment_id"], booked.customer)
    assert answer["refunded_amount"] == Money(refunded, currency).to_wire()
    assert answer["refunded_tip_amount"] == Money(tip_amount, currency).to_wire()
    listed = {name: value for name, value in answer.items() if name not in ("refunds", "invoice_number")}
    assert list_payments(desk, 5, None, booked.customer)["payments"] == [listed]
    told = events(owner)[-1]
    assert told["type"] == "payment_refunded"
    assert told["data"]["commission_returned"] == Money(returned, currency).to_wire()
    assert told["data"]["refunded_so_far"]["service"] == Money(service, currency).to_wire()
    assert told["data"]["refund_status"] == "succeeded"
    state = "refunded" if refunded == price + tip_amount else "partially_refunded"
    assert payments_of(owner, booked.id)[0]["state"] == state


def test_a_charge_refunded_in_parts_returns_the_whole_commission(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M9: 100.01 as 33.34, 33.34, 33.33 gives 3.33, 3.34, 3.33 back."""
    booked = bookings.hold(10001)
    payment_id = pay(desk, booked)["payment_id"]
    for number, part in enumerate((3334, 3334, 3333)):
        refund_part(desk, payment_id, usd(part), usd(0), f"part {number}")
        run_jobs(desk, owner)
    assert [one["commission_returned"] for one in refunds_of(owner, payment_id)] == [333, 334, 333]
    assert set(balances(owner, booked.id).values()) == {0}


def test_what_is_asked_of_stripe(desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn) -> None:
    """rules M10 and W7: the transfer comes back, the commission by a request of its own, under our keys."""
    booked = bookings.hold()
    paid = pay(desk, booked, "5.00")
    cancel(desk, booked, 75, 7500, 500)
    run_jobs(desk, owner)
    refund, fee = operations_of(owner, "refund")[0], operations_of(owner, "refund_fee")[0]
    assert refund["idem_key"] == f"refund:{refund['id']}:1"
    assert refund["params"] == {
        "payment_intent": paid["payment_intent_id"],
        "amount": 8000,
        "reason": "requested_by_customer",
        "reverse_transfer": True,
        "metadata": {
            "booking_id": booked.id,
            "payment_id": paid["payment_id"],
            "refund_id": str(refund["refund_id"]),
            "attempt": "1",
        },
    }
    assert fee["params"]["amount"] == 750
    assert fee["state"] == "not_simulated"
    assert standin.calls()[REFUND] == 1
    assert {"reason", "reverse_transfer"} <= set(payments_of(owner, booked.id)[0]["params_not_simulated"])


@pytest.mark.parametrize(
    ("service", "tip", "code"),
    [
        (Money(10001, "USD"), usd(0), "refund_exceeds_payment"),
        (usd(0), usd(501), "refund_exceeds_payment"),
        (usd(0), usd(0), "refund_exceeds_payment"),
        (usd(-1), usd(2), "refund_exceeds_payment"),
        (Money(100, "EUR"), Money(0, "EUR"), "refund_exceeds_payment"),
    ],
)
def test_a_refund_that_is_refused_calls_nobody(
    service: Money, tip: Money, code: str, desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule M11"""
    paid = pay(desk, bookings.hold(), "5.00")
    with pytest.raises(ServiceError, match=code):
        refund_part(desk, paid["payment_id"], service, tip, "a part")
    run_jobs(desk, owner)
    assert REFUND not in standin.calls()
    assert refunds_of(owner, paid["payment_id"]) == []


def test_a_refund_of_what_is_refunded_is_refused(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule M11: and the same request again is the same refund."""
    booked = bookings.hold()
    payment_id = pay(desk, booked)["payment_id"]
    first = refund_part(desk, payment_id, usd(10000), usd(0), "all")
    run_jobs(desk, owner)
    assert refund_part(desk, payment_id, usd(10000), usd(0), "all").id == first.id
    with pytest.raises(ServiceError, match="idempotency_key_reused"):
        refund_part(desk, payment_id, usd(1), usd(0), "all")
    with pytest.raises(ServiceError, match="refund_exceeds_payment"):
        refund_part(desk, payment_id, usd(1), usd(0), "more")
    cancel(desk, booked, 100, 10000)
    run_jobs(desk, owner)
    assert standin.calls()[REFUND] == 1


def test_an_unpaid_payment_is_not_refunded(desk: Desk, bookings: Bookings) -> None:
    booked = bookings.hold()
    request = booked.request(WITH_3DS)

    asked = process_payment(desk, request, booked.customer)
    with pytest.raises(ServiceError, match="not_captured"):
        refund_part(desk, asked["payment_id"], usd(1), usd(0), "a part")


def test_two_refunds_at_once_are_bounded(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule M11: of ten who want 60.00 of 100.00, one gets it."""
    payment_id = pay(desk, bookings.hold())["payment_id"]

    def ask(number: int) -> str:
        try:
            refund_part(desk, payment_id, usd(6000), usd(0), f"part {number}")
        except ServiceError as error:
            return error.code
        return "owed"

    with ThreadPoolExecutor(10) as pool:
        said = sorted(pool.map(ask, range(10)))
    assert said == ["owed", *["refund_exceeds_payment"] * 9]
    run_jobs(desk, owner)
    assert standin.calls()[REFUND] == 1


def test_a_refund_that_fails_is_put_back_and_waits(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule M12: also after it had succeeded; the ledger owes, and an operator may begin it anew."""
    booked = bookings.hold()
    payment_id = pay(desk, booked)["payment_id"]
    cancel(desk, booked, 100, 10000)
    run_jobs(desk, owner)
    refund = refunds_of(owner, payment_id)[0]
    failed = RefundObservation(
        refund["provider_refund_id"], RefundStatus.FAILED, 10000, "usd", str(refund["id"]), 1, "expired_card"
    )
    for _ in range(2):
        with desk.transaction() as connection:
            apply_refund(connection, payment_id, failed, read_app_now(connection), desk.operator_zone)
    assert balances(owner, booked.id) == {
        "stripe_clearing": 10000,
        "customer_funds": 0,
        "platform_commission": 0,
        "provider_payable": 0,
        "refunds_payable": -10000,
    }
    payment = payments_of(owner, booked.id)[0]
    assert (payment["state"], payment["refunded_amount"]) == ("captured", 0)
    told = [event["data"]["refund_status"] for event in events(owner) if event["type"] == "payment_refunded"]
    assert told == ["succeeded", "failed"]
    run_jobs(desk, owner)
    assert standin.calls()[REFUND] == 1
    assert retry_refund(desk.transaction, str(refund["id"])).attempt == 2
    with pytest.raises(ServiceError, match="refund_not_failed"):
        retry_refund(desk.transaction, str(refund["id"]))
    run_jobs(desk, owner)
    assert set(balances(owner, booked.id).values()) == {0}
    assert [one["params"]["reverse_transfer"] for one in operations_of(owner, "refund")] == [True, False]
    assert len(operations_of(owner, "refund_fee")) == 1


def test_a_pending_refund_counts_as_refunded(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule M12: it left, and is told again when it has arrived; an older word changes nothing."""
    booked = bookings.hold()
    payment_id = pay(desk, booked)["payment_id"]
    owed = refund_part(desk, payment_id, usd(4000), usd(0), "a part")
    for status in (RefundStatus.PENDING, RefundStatus.SUCCEEDED, RefundStatus.PENDING):
        seen = RefundObservation("re_1", status, 4000, "usd", owed.id, 1, None)
        with desk.transaction() as connection:
            apply_refund(connection, payment_id, seen, read_app_now(connection), desk.operator_zone)
    told = [event["data"]["refund_status"] for event in events(owner) if event["type"] == "payment_refunded"]
    assert told == ["pending", "succeeded"]
    assert balances(owner, booked.id)["stripe_clearing"] == 6000
    assert payments_of(owner, booked.id)[0]["commission_returned_amount"] == 400


def test_a_refund_of_other_money_is_not_applied(desk: Desk, bookings: Bookings) -> None:
    payment_id = pay(desk, bookings.hold())["payment_id"]
    owed = refund_part(desk, payment_id, usd(4000), usd(0), "a part")
    for amount, currency in ((4001, "usd"), (4000, "eur")):
        seen = RefundObservation("re_1", RefundStatus.SUCCEEDED, amount, currency, owed.id, 1, None)
        with pytest.raises(ServiceError, match="currency_mismatch"), desk.transaction() as connection:
            apply_refund(connection, payment_id, seen, read_app_now(connection), desk.operator_zone)
    with desk.transaction() as connection:
        assert refunds.by_id(connection, owed.id).status is RefundStatus.DUE


UNBALANCED = [
    "UPDATE ledger_entry SET amount = amount + 1 WHERE account = 'stripe_clearing'",
    "DELETE FROM ledger_entry WHERE account = 'stripe_clearing'",
    "DELETE FROM ledger_entry",
    "INSERT INTO ledger_transaction SELECT gen_random_uuid(), payment_id, booking_id, 'captured', 'again', "
    "NULL, posted_at FROM ledger_transaction WHERE kind = 'captured'",
    "UPDATE ledger_entry SET currency = 'EUR' WHERE account = 'platform_commission'",
]
UNLIKE_ITS_TRANSACTION = [
    "UPDATE ledger_entry SET kind = 'stripe_fee' WHERE account = 'platform_commission'",
    "UPDATE ledger_entry SET payment_id = gen_random_uuid() WHERE account = 'platform_commission'",
    "UPDATE ledger_entry SET posted_at = posted_at + interval '1 day'",
]


@pytest.mark.parametrize("statement", [*UNBALANCED, *UNLIKE_ITS_TRANSACTION])
def test_the_database_refuses_what_does_not_add_up(
    statement: str, desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """promise D10, rule M22: at commit, whoever writes; no entry says anything else than its transaction."""
    pay(desk, bookings.hold())
    with pytest.raises(IntegrityError, match="does not sum to zero"), owner.begin() as connection:
        connection.execute(text(statement))


def test_the_accounts_of_a_booking_are_printed(
    desk: Desk,
    bookings: Bookings,
    owner: Engine,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """promise D10: by payment and by booking; an unknown one is an error."""
    booked = bookings.hold()
    payment_id = pay(desk, booked, "5.00")["payment_id"]
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert show_accounts.main(["--booking", booked.id]) == 0
    by_booking = capsys.readouterr().out
    assert show_accounts.main(["--payment", payment_id]) == 0
    assert capsys.readouterr().out == by_booking
    assert "stripe_clearing" in by_booking
    assert "105.00 USD" in by_booking
    assert show_accounts.main(["--payment", new_id()]) == 1
    assert show_accounts.main(["--payment", "1"]) == 2


def test_a_refund_is_known_to_jobs_once(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    booked = bookings.hold()
    pay(desk, booked)
    cancel(desk, booked, 100, 10000)
    cancel(desk, booked, 100, 10000)
    assert rows(owner, "SELECT count(*) AS n FROM job WHERE kind = 'send_refund'") == [{"n": 1}]
    run_jobs(desk, owner)
    assert jobs(owner)["send_refund"] == "done"
    assert Decimal(payments_of(owner, booked.id)[0]["refunded_amount"]) == 10000
