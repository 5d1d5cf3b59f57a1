"""Quotes and refunds as they are stored: JSON in the form that the contract states."""

from typing import Any

from services.booking.domain.quotes import Quote, QuoteLine
from services.booking.domain.refunds import MOST_MOVES, Refund, RefundPolicy, RefundTier
from shared import clock
from shared.money import Money


def quote_to_json(quote: Quote) -> dict[str, Any]:
    return {
        "lines": [
            {"kind": line.kind, "name": dict(line.name), "amount": line.amount.to_wire()}
            for line in quote.lines
        ],
        "total": quote.total.to_wire(),
        "quoted_at": clock.to_text(quote.quoted_at),
        "refund_policy_id": quote.policy.policy_id,
        "refund_tiers": [
            {"notice_hours": tier.notice_hours, "percent": tier.percent} for tier in quote.policy.tiers
        ],
        "most_moves": quote.policy.most_moves,
        "no_show_percent": quote.policy.no_show_percent,
    }


def quote_from_json(value: dict[str, Any]) -> Quote:
    return Quote(
        lines=tuple(
            QuoteLine(line["kind"], line["name"], Money.from_wire(line["amount"])) for line in value["lines"]
        ),
        total=Money.from_wire(value["total"]),
        quoted_at=clock.from_text(value["quoted_at"]),
        policy=RefundPolicy(
            value["refund_policy_id"],
            tuple(RefundTier(**tier) for tier in value["refund_tiers"]),
            value.get("most_moves", MOST_MOVES),
            value.get("no_show_percent", 0),
        ),
    )


def refund_to_json(refund: Refund) -> dict[str, Any]:
    return {
        "percent": refund.percent,
        "tip_percent": refund.tip_percent,
        "service": refund.service.to_wire(),
        "tip": refund.tip.to_wire(),
    }


def refund_from_json(value: dict[str, Any]) -> Refund:
    return Refund(
        value["percent"],
        value["tip_percent"],
        Money.from_wire(value["service"]),
        Money.from_wire(value["tip"]),
    )
