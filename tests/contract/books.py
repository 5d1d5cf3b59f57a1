"""One example of every request and answer about commission rules and figures of money."""

from tests.contract import values
from tests.contract.values import Value

LINE: Value = {"provider_id": values.PROVIDER, "category": "massage", "from_bookings": 20, "rate": "0.07000"}
TERMS: Value = {"default_rate": "0.10000", "lines": [LINE]}
RULES: Value = {
    "rules_id": values.POLICY,
    "valid_from": "2027-02-01T00:00:00.000000Z",
    "reason": "Less for who works a lot.",
    "proposed_by": values.USER,
    "proposed_at": values.NOW,
    **TERMS,
}
DAYS: Value = {"from_date": "2027-01-01", "to_date": "2027-01-31"}
DIFFERENCE: Value = {
    "provider_id": values.PROVIDER,
    "category": "massage",
    "payments": 21,
    "commission": values.usd(21000),
    "commission_by_terms": values.usd(14700),
    "difference": values.usd(-6300),
}
FIGURE: Value = {
    "group": "massage",
    "revenue": values.usd(210000),
    "commission": values.usd(20000),
    "refunds": values.usd(10000),
    "bookings": 21,
    "average_per_booking": values.usd(10000),
}

REQUESTS: dict[str, Value] = {
    "payment.list_commission_rules": {"limit": 20, "cursor": None},
    "payment.propose_commission_rules": TERMS
    | {
        "valid_from": "2027-02-01T00:00:00.000000Z",
        "reason": "Less for who works a lot.",
        "idempotency_key": values.KEY,
    },
    "payment.preview_commission_rules": TERMS | DAYS,
    "payment.get_money_figures": DAYS | {"group_by": "category", "currency": "USD"},
}

ANSWERS: dict[str, Value] = {
    "payment.list_commission_rules": {"rules": [RULES], "next": "b3BhcXVl"},
    "payment.propose_commission_rules": RULES,
    "payment.preview_commission_rules": {
        "time_zone": "Europe/London",
        "differences": [DIFFERENCE],
        "totals": [DIFFERENCE | {"provider_id": None, "category": None}],
    },
    "payment.get_money_figures": {
        "time_zone": "Europe/London",
        "figures": [FIGURE],
        "totals": [FIGURE | {"group": None}],
    },
}
