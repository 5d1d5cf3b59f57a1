"""A payout as its event states it."""

from datetime import datetime

from services.payment.domain.payouts import PayoutState
from services.payment.store.rows import Payout
from shared.contracts import payment as contract
from shared.contracts.declaration import EventType
from shared.messages.envelope import Event

_EVENTS: dict[PayoutState, EventType] = {
    PayoutState.SENT: contract.PAYOUT_SENT,
    PayoutState.PAID: contract.PAYOUT_PAID,
    PayoutState.FAILED: contract.PAYOUT_FAILED,
}


def payout_event(payout: Payout, visits: int, now: datetime) -> Event:
    """The event that states a payout's new state; nobody hears of one that Stripe has not taken on."""
    return Event(
        type=_EVENTS[payout.state],
        aggregate_id=payout.id,
        aggregate_version=payout.version,
        provider_id=payout.provider_id,
        user_id=None,
        data={
            "payout_id": payout.id,
            "provider_id": payout.provider_id,
            "amount": payout.money.to_wire(),
            "status": payout.state.value,
            "visits": visits,
            "failure_code": payout.failure_code,
            "simulated": payout.simulated,
        },
        occurred_at=now,
    )
