"""Random lives of bookings: after every step the money adds up, and a unit in a wrong place is seen."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain import (
    capture_postings,
    dispute_postings,
    payout_postings,
    refund_postings,
    share_postings,
)
from services.payment.domain.disputes import RANK, DisputeStatus
from services.payment.domain.payouts import PayoutState
from services.payment.domain.postings import Posting, PostingKind
from services.payment.domain.refunds import RefundStatus
from services.payment.settings import Mode
from services.payment.store import payments
from services.payment.usecases.administrator_refunds import refund_payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import (
    on_booking_cancelled,
    on_booking_expired,
)
from services.payment.usecases.make_payouts import ROUND_JOB
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.read_payments import confirm_payment
from services.payment.usecases.retry_refund import retry_refund
from services.payment.usecases.send_payouts import LOOK_JOB
from services.payment.usecases.settle_hold import TAKE_JOB, take_before_it_lapses
from services.payment.usecases.settle_refunds import look_at_refunds
from shared.database.transaction import read_app_now
from shared.errors import ServiceError
from shared.ids import new_id
from shared.messages.jobs import Job, enqueue
from shared.money import Money, step
from tests.integration.payment.bookings import NEAR, TOO_FAR_TO_HOLD, Booked, Bookings, due, ended
from tests.integration.payment.disputing import hear
from tests.integration.payment.invariants import check_money
from tests.integration.payment.records import clear, payments_of, rows, run_jobs
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.test_administrator_refunds import ADMINISTRATOR, command, preview
from tests.integration.payment.test_blocked_refunds import decide
from tests.integration.payment.visits import complete

POSTED_BY = [
    (kind.value, module)
    for module in (dispute_postings, capture_postings, refund_postings, share_postings, payout_postings)
    for kind in PostingKind
    if hasattr(module, kind.value)
]
"""The function of each kind of posting is named after it, and stands in one of these modules."""

PRICES = {"USD": 10001, "KWD": 12350, "JPY": 5000}
ACCOUNT = (
    "UPDATE provider_account SET account_id = :it, transfers_active = true, payouts_enabled = true "
    "RETURNING 1"
)
PAYOUT_WORDS = (PayoutState.SENT, PayoutState.PAID, PayoutState.FAILED)
PAYOUT_REFUSALS = (None, None, "balance_insufficient")
STEPS = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from(["paid", "declined", "action"]), st.sampled_from([None, "5"])),
    st.tuples(st.just("authenticate"), st.none(), st.none()),
    st.tuples(st.just("webhook"), st.none(), st.none()),
    st.tuples(st.just("expire"), st.none(), st.none()),
    st.tuples(st.just("cancel"), st.sampled_from([100, 99, 75, 50]), st.none()),
    st.tuples(st.just("run_out_of_time"), st.none(), st.none()),
    st.tuples(st.just("refund"), st.integers(0, 110), st.integers(0, 110)),
    st.tuples(st.just("refund_word"), st.sampled_from(RefundStatus), st.none()),
    st.tuples(st.just("answers"), st.booleans(), st.none()),
    st.tuples(st.just("settle"), st.sampled_from(RefundStatus), st.none()),
    st.tuples(st.just("retry"), st.none(), st.none()),
    st.tuples(st.just("gives"), st.booleans(), st.none()),
    st.tuples(st.just("decide"), st.booleans(), st.none()),
    st.tuples(st.just("complete"), st.none(), st.none()),
    st.tuples(st.just("release"), st.none(), st.none()),
    st.tuples(st.just("another"), st.sampled_from(["paid", "declined"]), st.none()),
    st.tuples(st.just("payout"), st.none(), st.none()),
    st.tuples(st.just("payout_word"), st.sampled_from(PAYOUT_WORDS), st.sampled_from(PAYOUT_REFUSALS)),
    st.tuples(st.just("payout_says"), st.sampled_from(PAYOUT_WORDS), st.booleans()),
    st.tuples(st.just("dispute"), st.integers(1, 120), st.sampled_from(DisputeStatus)),
    st.tuples(st.just("dispute_says"), st.sampled_from(DisputeStatus), st.booleans()),
    st.tuples(st.just("account"), st.booleans(), st.none()),
    st.tuples(st.just("jobs"), st.none(), st.none()),
)
PLAIN_LIFE = [
    ("pay", "paid", "5"),
    ("refund", 33, 0),
    ("jobs", None, None),
    ("gives", False, None),
    ("refund", 20, 20),
    ("jobs", None, None),
    ("decide", True, None),
    ("jobs", None, None),
    ("gives", True, None),
    ("complete", None, None),
    ("release", None, None),
    ("payout", None, None),
    ("payout_says", PayoutState.PAID, False),
    ("refund", 10, 0),
    ("jobs", None, None),
    ("another", "paid", None),
    ("release", None, None),
    ("payout", None, None),
    ("payout_says", PayoutState.FAILED, True),
    ("settle", RefundStatus.FAILED, None),
    ("dispute", 20, DisputeStatus.NEEDS_RESPONSE),
    ("dispute_says", DisputeStatus.WON, False),
    ("dispute", 10, DisputeStatus.UNDER_REVIEW),
    ("cancel", 100, None),
    ("dispute_says", DisputeStatus.LOST, False),
]

HELD_LIFE = [
    ("pay", "paid", "5"),
    ("answers", False, None),
    ("cancel", 75, None),
    ("jobs", None, None),
    ("answers", True, None),
    ("jobs", None, None),
    ("refund", 10, 0),
    ("jobs", None, None),
]
"""What is held of a visit that is cancelled late is taken in part, and a part of that goes back."""

ENDING = [
    ("refund", 20, 20),
    ("jobs", None, None),
    ("settle", RefundStatus.FAILED, None),
    ("retry", None, None),
    ("jobs", None, None),
]
"""What few random lives come to: everything that went back fails, and is begun anew."""


class Life:
    """One booking, others at the same provider, and everything that can happen to their money."""

    def __init__(
        self, desk: Desk, owner: Engine, provider: ScriptedProvider, bookings: Bookings, booked: Booked
    ) -> None:
        self.desk, self.owner, self.provider, self.booked = desk, owner, provider, booked
        self.bookings, self.count = bookings, 0

    def go(self, what: str, first: Any, second: Any) -> None:
        """One step; a refusal is an answer like any other."""
        self.count += 1
        with suppress(ServiceError):
            getattr(self, what)(first, second)

    def pay(self, card: str, tip: str | None) -> None:
        self.provider.card = card
        request = self.booked.request(tip=Decimal(tip) if tip else None)
        process_payment(self.desk, request, self.booked.customer)

    def authenticate(self, *_: Any) -> None:
        for intent_id in self.provider.intents:
            self.provider.authenticate(intent_id)

    def webhook(self, *_: Any) -> None:
        for intent_id in reversed(list(self.provider.intents)):
            confirm_payment(self.desk, intent_id, self.booked.customer)

    def expire(self, *_: Any) -> None:
        on_booking_expired(self.desk, ended(self.booked, "expired"))

    def cancel(self, percent: int, _: Any) -> None:
        price = self.booked.price
        service = price.share(Decimal(percent) / 100).amount
        cancelled = ended(self.booked, "cancelled", **due(self.booked, percent, service, 0))
        on_booking_cancelled(self.desk, cancelled)

    def run_out_of_time(self, *_: Any) -> None:
        """Whatever is held has come to its last moment."""
        for payment in payments_of(self.owner, self.booked.id):
            job = Job(new_id(), TAKE_JOB, "now", {"payment_id": str(payment["id"])}, 1)
            close = take_before_it_lapses(self.desk, job)
            with self.desk.transaction() as connection:
                close(connection)

    def refund(self, service_percent: int, tip_percent: int) -> None:
        """An administrator's, as it was previewed."""
        for payment in payments_of(self.owner, self.booked.id):
            unit = step(payment["currency"])
            service, tip = (
                Money(amount * percent // 100 // unit * unit, payment["currency"]).decimal()
                for amount, percent in (
                    (payment["service_amount"], service_percent),
                    (payment["tip_amount"], tip_percent),
                )
            )
            parts = {"service_amount": str(service), "tip_amount": str(tip)}
            shown = preview(self.desk, str(payment["id"]), **parts)
            refund_payment(self.desk, command(shown, **parts), ADMINISTRATOR)

    def refund_word(self, status: RefundStatus, _: Any) -> None:
        unsent = (RefundStatus.DUE, RefundStatus.CLAIMED)
        self.provider.refund_status = RefundStatus.PENDING if status in unsent else status

    def answers(self, whether: bool, _: Any) -> None:
        self.provider.answers = whether

    def settle(self, status: RefundStatus, _: Any) -> None:
        """The provider says something newer of every refund, and we look."""
        if status not in (RefundStatus.DUE, RefundStatus.CLAIMED):
            self.provider.seen_refunds = [
                (intent, seen if seen.status is RefundStatus.FAILED else replace(seen, status=status))
                for intent, seen in self.provider.seen_refunds
            ]
        with self.desk.transaction() as connection:
            found = [
                payments.by_id(connection, str(one["id"])) for one in payments_of(self.owner, self.booked.id)
            ]
        for payment in found:
            look_at_refunds(self.desk, payment)

    def retry(self, *_: Any) -> None:
        for row in rows(self.owner, "SELECT id FROM refund WHERE status = 'failed'"):
            retry_refund(self.desk.transaction, str(row["id"]))

    def gives(self, whether: bool, _: Any) -> None:
        self.provider.gives = whether

    def decide(self, without_reversal: bool, _: Any) -> None:
        for row in rows(self.owner, "SELECT id FROM refund WHERE status = 'blocked'"):
            decide(self.desk, str(row["id"]), without_reversal=without_reversal)

    def complete(self, *_: Any) -> None:
        complete(self.desk, self.booked)

    def release(self, *_: Any) -> None:
        rows(self.owner, "UPDATE provider_share SET over_at = over_at - interval '3 days' RETURNING 1")
        release_shares(self.desk)

    def another(self, card: str, _: Any) -> None:
        """Another visit at the same provider, paid and over: money that may pay for what went back."""
        self.provider.card = card
        booked = self.bookings.hold(self.booked.price.amount, self.booked.price.currency)
        process_payment(self.desk, booked.request(), booked.customer)
        complete(self.desk, booked)

    def payout(self, *_: Any) -> None:
        with self.desk.transaction() as connection:
            enqueue(connection, ROUND_JOB, str(self.count), {}, read_app_now(connection))
        self.jobs()

    def payout_word(self, state: PayoutState, refusal: str | None) -> None:
        self.provider.connect.payout_state, self.provider.connect.refusal = state, refusal

    def payout_says(self, state: PayoutState, only_the_last: bool) -> None:
        """Stripe says something newer of payouts, and we look."""
        self.provider.connect.say(state, only_the_last=only_the_last)
        with self.desk.transaction() as connection:
            for row in rows(self.owner, "SELECT id FROM payout"):
                payload = {"payout_id": str(row["id"])}
                enqueue(connection, LOOK_JOB, new_id(), payload, read_app_now(connection))
        self.jobs()

    def dispute(self, percent: int, status: DisputeStatus) -> None:
        """A bank disputes a part of the charge, or more than it was."""
        for payment in payments_of(self.owner, self.booked.id):
            if not payment["captured_amount"]:
                continue
            unit = step(payment["currency"])
            amount = max(payment["captured_amount"] * percent // 100 // unit * unit, unit)
            money, intent_id = Money(amount, payment["currency"]), payment["intent_id"]
            refundable = percent % 2 == 0
            self.provider.disputes.dispute_charge(intent_id, money, status, refundable=refundable)
        self.look_at_disputes()

    def dispute_says(self, status: DisputeStatus, only_the_last: bool) -> None:
        """Banks go on with disputes that they have not decided, and we look."""
        for dispute_id in list(self.provider.disputes.seen)[-1 if only_the_last else 0 :]:
            if RANK[status] > RANK[self.provider.disputes.seen[dispute_id].status]:
                self.provider.disputes.say(dispute_id, status)
        self.look_at_disputes()

    def look_at_disputes(self) -> None:
        for dispute_id, seen in self.provider.disputes.seen.items():
            with suppress(ServiceError):
                hear(self.desk, self.owner, "charge.dispute.updated", dispute_id, seen.intent_id or "")

    def account(self, enabled: bool, _: Any) -> None:
        rows(self.owner, "UPDATE provider_account SET payouts_enabled = :it RETURNING 1", it=enabled)

    def jobs(self, *_: Any) -> None:
        for table in ("payment_op", "provider_op"):
            rows(self.owner, f"UPDATE {table} SET claimed_until = NULL RETURNING id")
        run_jobs(self.desk, self.owner)


def live(
    desk: Desk,
    owner: Engine,
    gateway: StripeGateway,
    currency: str,
    steps: list[Any],
    ahead: timedelta = TOO_FAR_TO_HOLD,
) -> None:
    """Live one life from empty tables, checking after every step."""
    clear(owner)
    bookings = Bookings()
    provider = ScriptedProvider(gateway)
    desk = replace(desk, provider=provider, ask_booking=bookings.prepare, mode=Mode.SANDBOX)
    bookings.publish_provider(desk)
    rows(owner, ACCOUNT, it=f"acct_{bookings.provider_id}")
    life = Life(desk, owner, provider, bookings, bookings.hold(PRICES[currency], currency, ahead=ahead))
    for step_ in steps:
        life.go(*step_)
        check_money(owner, provider)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
@given(
    currency=st.sampled_from(sorted(PRICES)),
    ahead=st.sampled_from([NEAR, TOO_FAR_TO_HOLD]),
    steps=st.lists(STEPS, min_size=3, max_size=14),
)
def test_money_adds_up_in_any_life(
    currency: str, ahead: timedelta, steps: list[Any], desk: Desk, owner: Engine, gateway: StripeGateway
) -> None:
    """promise D10, rules M7, M9, M11, M12, M15 and W2: after every step of any sequence, held or charged."""
    beginning = [("pay", "paid", "5")] if len(steps) % 2 else []
    live(desk, owner, gateway, currency, [*beginning, *steps, *ENDING], ahead)


@pytest.mark.parametrize("currency", sorted(PRICES))
def test_money_adds_up_in_a_plain_life(
    currency: str, desk: Desk, owner: Engine, gateway: StripeGateway
) -> None:
    live(desk, owner, gateway, currency, PLAIN_LIFE)
    posted = {str(row["kind"]) for row in rows(owner, "SELECT DISTINCT kind FROM ledger_transaction")}
    assert posted == {kind for kind, _ in POSTED_BY}


@pytest.mark.parametrize("currency", sorted(PRICES))
def test_money_adds_up_in_a_held_life(
    currency: str, desk: Desk, owner: Engine, gateway: StripeGateway
) -> None:
    """rules M9 and M15: a part of a hold, once, although no answer came; then a refund of a part of that."""
    live(desk, owner, gateway, currency, HELD_LIFE, NEAR)
    [taken] = rows(owner, "SELECT captured_amount, refunded_amount FROM payment")
    assert 0 < taken["refunded_amount"] < taken["captured_amount"] < PRICES[currency] // 3


def _one_unit_off(post: Callable[..., Posting]) -> Callable[..., Posting]:
    """The same posting with one unit taken to a wrong account: balanced, and wrong."""

    def wrong(*arguments: Any, **named: Any) -> Posting:
        posting = post(*arguments, **named)
        moves = dict(posting.moves)
        for is_debit in (True, False):
            account = next((one for one, amount in posting.moves if (amount > 0) is is_debit), None)
            if account is not None:
                moves[account] += 1 if is_debit else -1
        return replace(posting, moves=tuple(moves.items()))

    return wrong


@pytest.mark.parametrize(("kind", "module"), POSTED_BY)
def test_one_unit_in_a_wrong_place_is_seen(
    kind: str,
    module: ModuleType,
    desk: Desk,
    owner: Engine,
    gateway: StripeGateway,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """promise D10: the property is no decoration; each posting function is broken once."""
    monkeypatch.setattr(module, kind, _one_unit_off(getattr(module, kind)))
    with pytest.raises(AssertionError, match="accounts"):
        live(desk, owner, gateway, "USD", PLAIN_LIFE)


@pytest.mark.parametrize("kind", ["captured", "commission", "provider_share", "stripe_fee"])
def test_one_unit_in_a_wrong_place_of_a_part_of_a_hold_is_seen(
    kind: str, desk: Desk, owner: Engine, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise D10: of what is taken later and in part, too."""
    monkeypatch.setattr(capture_postings, kind, _one_unit_off(getattr(capture_postings, kind)))
    with pytest.raises(AssertionError, match="accounts"):
        live(desk, owner, gateway, "USD", HELD_LIFE, NEAR)
