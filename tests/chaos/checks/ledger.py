"""The ledger after a run: every transaction sums to zero, and all parts add up to what was captured."""

from collections import Counter
from fractions import Fraction

from shared.money import STEPS
from tests.chaos.checks.balances import PROVIDER, Money, money_of, standing
from tests.chaos.checks.reading import grouped
from tests.chaos.facts import Facts, Violation


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
    """promise D10: by payment: clearing, what is owed to customers, what banks took, commission, fees and the
    provider's share, wherever it stands by now."""
    found = []
    money = money_of(facts)
    balances = standing(facts, money)
    for payment_id, one in money.items():
        wanted, has, payment = one.wanted(), balances[payment_id], one.payment
        if has != wanted:
            text = f"payment {payment_id} ({payment['state']}): accounts {has}, expected {wanted}"
            found.append(Violation("promise D10", text, payment["committed"]))
    return found


def the_parts_are_what_was_captured(facts: Facts) -> list[Violation]:
    """rule M7: provider + commission + refunds + what banks kept = captured, over all of a currency."""
    found = []
    money = money_of(facts)
    balances = standing(facts, money)
    for currency, payments in grouped(facts.rows.get("payment.payment", []), "currency").items():
        captured = sum(row["captured_amount"] for row in payments)
        given = sum(row["refunded_amount"] + money[row["id"]].lost for row in payments)
        kept = -sum(
            balances[row["id"]].get(account, 0)
            for row in payments
            for account in (PROVIDER, "platform_commission", "refunds_payable")
        )
        if kept + given != captured:
            text = f"{currency}: kept {kept} and given back {given} are not the captured {captured}"
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
    """rule M9: over all that went back of a payment, in proportion to the service part that was taken,
    rounded once; what banks took by disputes counts."""
    found = []
    for payment_id, one in money_of(facts).items():
        due = _share(one)
        if one.commission_back != due:
            returned = f"{len(one.owed)} refunds return {one.commission_back} of its commission"
            text = f"payment {payment_id}: {returned}, due is {due}"
            found.append(Violation("rule M9", text, one.payment["committed"]))
    return found


def _share(one: Money) -> int:
    """Half up, by the check's own means."""
    if not one.service_back:
        return 0
    unit = STEPS.get(one.payment["currency"], 1)
    exact = Fraction(one.commission * one.service_back, one.service * unit)
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


CHECKS = (
    every_transaction_sums_to_zero,
    every_balance_is_what_the_payment_says,
    the_parts_are_what_was_captured,
    every_fact_is_posted_once,
    commission_goes_back_cumulatively,
    no_document_number_is_missing,
)
