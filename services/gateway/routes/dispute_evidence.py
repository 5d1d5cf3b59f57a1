"""What a card's bank may be told of a disputed payment: what was shown, agreed, done and given back (M14)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields

from services.gateway.process import resources
from shared.contracts import booking, payment
from shared.contracts.booking_care import BookingDetailSchema
from shared.contracts.booking_history_forms import BookingHistorySchema
from shared.contracts.payment_disputes_forms import DisputeDetailSchema, EvidenceTextsSchema
from shared.contracts.payment_refunds_forms import PaymentRecordSchema, RefundState
from shared.money import exponent

CHECK_IN, CHECK_OUT = "check_in", "check_out"
COMPLETED, CONFIRMED, SYSTEM, PAYMENT = "completed", "confirmed", "system", "payment"
CONFIRMED_BY = ("The provider accepted the booking.", "The customer's payment confirmed the booking.")
TOOK_PLACE = (
    " The provider told that the visit took place.",
    " Nobody told within a day after the visit that it did not take place.",
)
"""A bank is told who said so: in the second case nobody did."""
GONE = frozenset({RefundState.PENDING, RefundState.SUCCEEDED})


class DisputeEvidenceSchema(Schema):
    """All that the platform knows about a disputed payment, and texts made of it that the bank may be sent.

    `booking.quote` has the price and the refund policy as they were shown and frozen with the hold. What
    nobody has kept is named in `missing`.
    """

    dispute = fields.Nested(DisputeDetailSchema, required=True)
    payment = fields.Nested(PaymentRecordSchema, required=True)
    booking = fields.Nested(BookingDetailSchema, required=True)
    history = fields.Nested(BookingHistorySchema, required=True)
    proposed = fields.Nested(EvidenceTextsSchema, required=True)
    missing = fields.List(fields.String(), required=True)


NEVER_KEPT = ("messages",)


def evidence_of(dispute_id: str) -> dict[str, Any]:
    """DisputeEvidenceSchema, from the answers of payment and booking. Raises `not_found`."""
    services = resources().services
    dispute = services.ask(payment.GET_DISPUTE, {"dispute_id": dispute_id})
    paid = services.ask(payment.INSPECT_PAYMENT, {"payment_id": dispute["payment_id"]})
    about = {"booking_id": dispute["booking_id"]}
    visit = services.ask(booking.GET_BOOKING, about)
    history = services.ask(booking.GET_BOOKING_HISTORY, about)
    return {
        "dispute": dispute,
        "payment": paid,
        "booking": visit,
        "history": history,
        "proposed": _proposed(paid, visit, history["changes"]),
        "missing": [*_never_said(visit), *NEVER_KEPT],
    }


def _never_said(visit: dict[str, Any]) -> list[str]:
    """Of the carer's coming and going, what nobody told."""
    return [moment for moment in (CHECK_IN, CHECK_OUT) if visit.get(moment) is None]


def _proposed(paid: dict[str, Any], visit: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    policy = _policy(visit)
    return {
        "product_description": f"{visit['service_name']['en']}, at an agreed time, by a person.",
        "service_date": f"{visit['local_date']} {visit['local_time']} ({visit['time_zone']})",
        "refund_policy_disclosure": policy,
        "cancellation_policy_disclosure": policy,
        "refund_refusal_explanation": _given_back(paid),
        "uncategorized_text": _course(visit, changes),
    }


def _policy(visit: dict[str, Any]) -> str:
    tiers = "; ".join(
        f"{tier['percent']} % when cancelled {tier['notice_hours']} hours or more before the start"
        for tier in visit["quote"]["refund_tiers"]
    )
    shown = visit["quote"]["quoted_at"]
    missed = f"; {visit['quote']['no_show_percent']} % when the customer was not there"
    terms = f"{tiers}{missed}"
    return f"Shown with the price at {shown}, before the customer paid, and kept unchanged since: {terms}."


def _given_back(paid: dict[str, Any]) -> str:
    """What was never taken was not given back, and what is only owed has not gone."""
    given = _listed(one for one in paid["refunds"] if one["state"] in GONE)
    owed = _listed(one for one in paid["refunds"] if one["state"] not in GONE | {RefundState.COVERED})
    part = "" if paid["captured"] == paid["amount"] else f" (of {_amount(paid['amount'])} that were held)"
    taken = f"Taken: {_amount(paid['captured'])}{part}. Given back: {given or 'nothing'}."
    return f"{taken} Owed, and not sent yet: {owed}." if owed else taken


def _listed(refunds: Iterable[dict[str, Any]]) -> str:
    return "; ".join(f"{_amount(one['refund'])} on {one['created_at']}" for one in refunds)


def _course(visit: dict[str, Any], changes: list[dict[str, Any]]) -> str:
    lines = [f"{one['at']} {one['to_state']} by {one['actor']}" for one in changes]
    states = {one["to_state"]: one["actor"] for one in changes}
    took_place = TOOK_PLACE[states[COMPLETED] == SYSTEM] if COMPLETED in states else ""
    agreed = f" {CONFIRMED_BY[states[CONFIRMED] == PAYMENT]}" if CONFIRMED in states else ""
    said = f"{agreed}{took_place}{_presence(visit)}"
    return f"Booking {visit['booking_id']}.{said} Its course: " + "; ".join(lines) + "."


def _presence(visit: dict[str, Any]) -> str:
    """When the carer came and went, and how far from the address their device was."""
    texts = []
    for moment, what in ((CHECK_IN, "checked in"), (CHECK_OUT, "checked out")):
        said = visit.get(moment)
        if said is not None:
            away = said["distance_m"]
            where = "" if away is None else f", {away} m from the address by the position of their device"
            texts.append(f" The carer {what} at {said['at']}{where}.")
    return "".join(texts)


def _amount(value: dict[str, Any]) -> str:
    currency = value["currency"]
    return f"{Decimal(value['amount']).scaleb(-exponent(currency))} {currency}"
