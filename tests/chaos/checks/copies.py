"""Copies and caches equal their owners."""

from tests.chaos.checks.reading import by
from tests.chaos.facts import Facts, Row, Violation

SHOWN = 200
"""Characters of an answer that a violation quotes."""


def copies_of_the_catalogue_are_current(facts: Facts) -> list[Violation]:
    """rule C16: booking and payment know each provider and service as search has them."""
    found = []
    copies = by(facts.rows.get("booking.provider", []), "id")
    payable = by(facts.rows.get("payment.provider_account", []), "provider_id")
    for row in facts.rows.get("search.provider", []):
        copy, account = copies.get(row["id"]), payable.get(row["id"])
        if copy is None or copy["time_zone"] != row["time_zone"]:
            found.append(Violation("rule C16", f"booking's copy of provider {row['id']} is not current"))
        if account is None or account["accepts_payments"] != row["payable"]:
            found.append(Violation("rule C16", f"payment's copy of provider {row['id']} is not current"))
    services = by(facts.rows.get("booking.service", []), "id")
    for row in facts.rows.get("search.service", []):
        copy = services.get(row["id"])
        if copy is None or _offer(copy) != _offer(row):
            found.append(Violation("rule C16", f"booking's copy of service {row['id']} is not current"))
    return found


def _offer(row: Row) -> tuple[object, ...]:
    return row["duration_minutes"], row["price_amount"], row["price_currency"]


def caches_answer_like_their_owners(facts: Facts) -> list[Violation]:
    """promise B7: what the gateway answers from its cache is what the owner answers now."""
    found = []
    for row in facts.answers:
        cached, owner = row["cached"], row["owner"]
        for name in sorted(cached.keys() | owner.keys()):
            if cached.get(name) != owner.get(name):
                shown = f"cached {str(cached.get(name))[:SHOWN]}, owner {str(owner.get(name))[:SHOWN]}"
                found.append(Violation("promise B7", f"{row['what']}: {name}: {shown}"))
    return found


def what_booking_knows_of_payments_is_current(facts: Facts) -> list[Violation]:
    """rule C16: booking's copy of each payment has what was given back of it."""
    payments = by(facts.rows.get("payment.payment", []), "id")
    found = []
    for copy in facts.rows.get("booking.payment_copy", []):
        payment = payments.get(copy["payment_id"])
        parts = payment and (payment["refunded_service_amount"], payment["refunded_tip_amount"])
        if parts != (copy["refunded_service"], copy["refunded_tip"]):
            text = f"booking knows other refunds of payment {copy['payment_id']} than {parts}"
            found.append(Violation("rule C16", text, copy["committed"]))
    return found


CHECKS = (
    copies_of_the_catalogue_are_current,
    caches_answer_like_their_owners,
    what_booking_knows_of_payments_is_current,
)
