"""The ledger after a run: every transaction sums to zero, and all parts add up to what was captured."""

from collections import Counter
from fractions import Fraction

from shared.money import STEPS
from tests.chaos.checks.money import CAPTURED
from tests.chaos.checks.reading import by, grouped
from tests.chaos.facts import Facts, Row, Violation


def every_transaction_sums_to_zero(facts: Facts) -> list[Violation]:
    """rule M22: in each currency."""
    sums: Counter[tuple[str, str]] = Counter()
    for entry in facts.rows.get("payment.ledger_entry", []):
        sums[entry["transaction_id"], entry["currency"]] += entry["amount"]
    return [
        Violation("rule M22", f"ledger transaction {transaction} sums to {amount} {currency}")
        for (transaction, currency), amount in sums.items()
        if amount
    ]


def every_balance_is_what_the_payment_says(facts: Facts) -> list[Violation]:
    """promise D10: by payment: clearing, what is owed to customers, commission and provider's share."""
    found = []
    balances = _balances(facts)
    for payment in facts.rows.get("payment.payment", []):
        wanted = _wanted(payment)
        has = {account: amount for account, amount in balances.get(payment["id"], {}).items() if amount}
        if has != {account: amount for account, amount in wanted.items() if amount}:
            text = f"payment {payment['id']} ({payment['state']}): accounts {has}, expected {wanted}"
            found.append(Violation("promise D10", text, payment["committed"]))
    return found


def the_parts_are_what_was_captured(facts: Facts) -> list[Violation]:
    """rule M7: provider + commission + refunds = captured, over all payments of a currency."""
    found = []
    balances = _balances(facts)
    for currency, payments in grouped(facts.rows.get("payment.payment", []), "currency").items():
        captured = sum(row["captured_amount"] for row in payments)
        refunded = sum(row["refunded_amount"] for row in payments)
        parts: Counter[str] = Counter()
        for payment in payments:
            for account, amount in balances.get(payment["id"], {}).items():
                parts[account.split(":")[0]] -= amount
        kept = parts["provider_payable"] + parts["platform_commission"] + parts["refunds_payable"]
        if kept + refunded != captured:
            text = f"{currency}: kept {kept} and refunded {refunded} are not the captured {captured}"
            found.append(Violation("rule M7", text))
    return found


def every_fact_is_posted_once(facts: Facts) -> list[Violation]:
    """rule M22: one posting for each fact of a payment, each proved by another object at Stripe."""
    found = []
    transactions = facts.rows.get("payment.ledger_transaction", [])
    for names in (("payment_id", "fact"), ("kind", "reference")):
        seen = Counter(tuple(row[name] for name in names) for row in transactions if row[names[1]])
        found += [
            Violation("rule M22", f"posted {number} times: {what}")
            for what, number in seen.items()
            if number > 1
        ]
    return found


def commission_goes_back_cumulatively(facts: Facts) -> list[Violation]:
    """rule M9: over all refunds of a payment, in proportion to the service part, rounded once."""
    found = []
    refunds = grouped(facts.rows.get("payment.refund", []), "payment_id")
    for payment in facts.rows.get("payment.payment", []):
        mine = refunds.get(payment["id"], [])
        back = sum(refund["commission_returned"] for refund in mine)
        due = _share(payment, sum(refund["service_amount"] for refund in mine))
        if back != due:
            text = (
                f"payment {payment['id']}: {len(mine)} refunds return {back} of its commission, due is {due}"
            )
            found.append(Violation("rule M9", text, payment["committed"]))
    return found


def _share(payment: Row, service: int) -> int:
    """Half up, by the check's own means."""
    if not service:
        return 0
    unit = STEPS.get(payment["currency"], 1)
    exact = Fraction(payment["commission_amount"] * service, payment["service_amount"] * unit)
    return (exact + Fraction(1, 2)).__floor__() * unit


def no_document_number_is_missing(facts: Facts) -> list[Violation]:
    """rule M23: of each series and year the documents are 1 to the last number that was given."""
    found = []
    documents = facts.rows.get("payment.document", [])
    for series in facts.rows.get("payment.number_series", []):
        of_series = (series["series"], series["year"])
        numbers = sorted(row["number"] for row in documents if (row["series"], row["year"]) == of_series)
        if numbers != [*range(1, series["last"] + 1)]:
            text = f"{of_series}: {len(numbers)} documents, the last number is {series['last']}"
            found.append(Violation("rule M23", text))
    return found


def _balances(facts: Facts) -> dict[str, Counter[str]]:
    transactions = by(facts.rows.get("payment.ledger_transaction", []), "id")
    balances: dict[str, Counter[str]] = {}
    for entry in facts.rows.get("payment.ledger_entry", []):
        payment_id = transactions[entry["transaction_id"]]["payment_id"]
        balances.setdefault(payment_id, Counter())[entry["account"]] += entry["amount"]
    return balances


def _wanted(payment: Row) -> dict[str, int]:
    """Debits positive; after the stack has come to rest no refund is owed and none is on its way."""
    if payment["state"] not in CAPTURED:
        return {}
    kept = payment["kept_commission_amount"]
    taken = payment["commission_amount"] if kept is None else kept
    commission = taken - payment["commission_returned_amount"]
    left = payment["captured_amount"] - payment["refunded_amount"]
    return {
        "stripe_clearing": left,
        "platform_commission": -commission,
        f"provider_payable:{payment['provider_id']}": -(left - commission),
    }


CHECKS = (
    every_transaction_sums_to_zero,
    every_balance_is_what_the_payment_says,
    the_parts_are_what_was_captured,
    every_fact_is_posted_once,
    commission_goes_back_cumulatively,
)
