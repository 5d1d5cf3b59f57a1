"""What stands in the ledger for each payment, and what must by its refunds, disputes and payouts."""

from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.checks.reading import by, grouped
from tests.chaos.facts import Facts, Row

CAPTURED = frozenset({"captured", "partially_refunded", "refunded"})
ACCEPTED = frozenset({"pending", "succeeded"})
COVERED = "covered"
"""A refund that is owed no more: the bank gave the customer the money."""
PROVIDER = "provider"
"""All accounts of a provider as one, with what is on its way to the bank and what has arrived there."""
OF_PROVIDER = ("provider_payable", "provider_due", "provider_receivable", "payouts_in_transit")

Balances = dict[str, int]


@dataclass
class Money:
    """One payment with all rows about its money."""

    payment: Row
    refunds: list[Row] = field(default_factory=list)
    disputes: list[Row] = field(default_factory=list)
    movements: list[Row] = field(default_factory=list)
    paid_out: int = 0

    @property
    def commission(self) -> int:
        """On what was taken."""
        kept = self.payment["kept_commission_amount"]
        return int(self.payment["commission_amount"] if kept is None else kept)

    @property
    def service(self) -> int:
        """The part of the service that was taken."""
        kept = self.payment["kept_service_amount"]
        return int(self.payment["service_amount"] if kept is None else kept)

    @property
    def owed(self) -> list[Row]:
        """Refunds that went back, or are to."""
        return [one for one in self.refunds if one["status"] != COVERED]

    @property
    def lost(self) -> int:
        """What banks kept of what was taken."""
        return self._lost("service") + self._lost("tip")

    @property
    def commission_back(self) -> int:
        return int(sum(one["commission_returned"] for one in self.owed)) + self._lost("commission")

    @property
    def service_back(self) -> int:
        return int(sum(one["service_amount"] for one in self.owed)) + self._lost("service")

    def _lost(self, part: str) -> int:
        return int(sum(one[f"lost_{part}_amount"] for one in self.disputes))

    def wanted(self) -> Balances:
        """By account, debits positive; accounts on which nothing stands are left out."""
        payment = self.payment
        if payment["state"] not in CAPTURED:
            return {}
        captured, refunded = payment["captured_amount"], payment["refunded_amount"]
        owed = sum(one["service_amount"] + one["tip_amount"] for one in self.owed)
        taken, excess = sum(one["taken_amount"] for one in self.movements), self._lost("excess")
        own = [one for one in self.movements if one["fee_currency"] == payment["currency"]]
        costs = sum(one["fee_amount"] for one in own)
        is_own = payment["stripe_fee_currency"] == payment["currency"]
        fee = payment["stripe_fee_amount"] if is_own else 0
        left = captured - self.commission - owed - self.lost + self.commission_back
        balances = {
            f"{payment['payment_provider']}_clearing": captured - refunded - taken - costs - fee,
            "disputed_funds": taken - self.lost - excess,
            "dispute_costs": costs + excess,
            "stripe_fees": fee,
            "platform_commission": self.commission_back - self.commission,
            PROVIDER: -left,
            "refunds_payable": refunded - owed,
        }
        return {account: amount for account, amount in balances.items() if amount}


def money_of(facts: Facts) -> dict[str, Money]:
    """Every payment by its id."""
    refunds = grouped(facts.rows.get("payment.refund", []), "payment_id")
    disputes = grouped(facts.rows.get("payment.dispute", []), "payment_id")
    movements = grouped(facts.rows.get("payment.dispute_movement", []), "dispute_id")
    paid = {row["id"] for row in facts.rows.get("payment.payout", []) if row["state"] == "paid"}
    paid_out: Counter[str] = Counter()
    for line in facts.rows.get("payment.payout_line", []):
        if line["payout_id"] in paid:
            paid_out[line["payment_id"]] += line["due_amount"] - line["netted_amount"]
    return {
        payment["id"]: Money(
            payment,
            refunds.get(payment["id"], []),
            disputes.get(payment["id"], []),
            [one for of in disputes.get(payment["id"], []) for one in movements.get(of["id"], [])],
            paid_out[payment["id"]],
        )
        for payment in facts.rows.get("payment.payment", [])
    }


def standing(facts: Facts, money: dict[str, Money]) -> dict[str, Balances]:
    """What the ledger says, by payment, in the payment's currency, accounts as in `wanted`."""
    transactions = by(facts.rows.get("payment.ledger_transaction", []), "id")
    sums: dict[str, Counter[str]] = {payment_id: Counter() for payment_id in money}
    for entry in facts.rows.get("payment.ledger_entry", []):
        payment_id = transactions[entry["transaction_id"]]["payment_id"]
        if entry["currency"] == money[payment_id].payment["currency"]:
            name = entry["account"].split(":")[0]
            sums[payment_id][PROVIDER if name in OF_PROVIDER else name] += entry["amount"]
    for payment_id, of in sums.items():
        clearing = f"{money[payment_id].payment['payment_provider']}_clearing"
        of[clearing] += money[payment_id].paid_out
        of[PROVIDER] -= money[payment_id].paid_out
    return {
        payment_id: {account: amount for account, amount in of.items() if amount}
        for payment_id, of in sums.items()
    }
