"""What tests order from the proxy before Stripe's stand-in, and Stripe's word by signed webhooks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import requests

from deploy.local.stack import Stack
from deploy.local.standin.proxy.fixtures import read
from tests.fixtures.stripe_webhooks import event_about, signed

CONFIRM = "POST /v1/payment_intents/{id}/confirm"
DISPUTE, EVIDENCE = "GET /v1/disputes/{id}", "POST /v1/disputes/{id}"
REFUND = "POST /v1/refunds"
WEBHOOK = "api/v1/customer/payments/webhook"
SECONDS = 10.0


class StandIn:
    """The proxy of a running stack."""

    def __init__(self, stack: Stack) -> None:
        self._url = stack.standin_proxy_url
        self._secrets = stack.environment("payment")["STRIPE_WEBHOOK_SECRET"]

    def order(self, **answers: Any) -> None:
        """Answers for operations, by `confirm`, `dispute` and `evidence`; none ends all orders."""
        names = {"confirm": CONFIRM, "dispute": DISPUTE, "evidence": EVIDENCE}
        document = {names[name]: one for name, one in answers.items()}
        answer = requests.put(f"{self._url}/_proxy/fixtures", json=document, timeout=SECONDS)
        assert answer.status_code == requests.codes.no_content, answer.text

    @contextmanager
    def card_that_lets_go(self, at: datetime) -> Iterator[None]:
        """Within the block the banks of cards say that they hold money until then only."""
        card = {"capture_before": int(at.timestamp())}
        over = {"latest_charge": {"payment_method_details": {"card": card}}}
        self.order(confirm={"over": over})
        try:
            yield
        finally:
            self.order()

    def refunds_asked_for(self) -> int:
        """How often a refund has reached the proxy."""
        received = requests.get(f"{self._url}/_proxy/calls", timeout=SECONDS).json()["received"]
        return int(received.get(REFUND, 0))

    def tell(self, kind: str, subject: dict[str, Any]) -> None:
        """Send a webhook by the proxy, which brings it to the gateway as it is."""
        body = event_about(kind, subject)
        headers = signed(body, self._secrets)
        answer = requests.post(f"{self._url}/{WEBHOOK}", data=body, headers=headers, timeout=SECONDS)
        assert answer.status_code == requests.codes.ok, answer.text


class BankDispute:
    """A dispute at Stripe in the shape of its documents (`fixture`): it says what it is told to say."""

    def __init__(self, standin: StandIn, intent_id: str, amount: int, currency: str) -> None:
        self._standin = standin
        self._said = read("dispute") | {
            "id": f"dp_story_{intent_id}",
            "charge": f"ch_story_{intent_id}",
            "payment_intent": intent_id,
            "amount": amount,
            "currency": currency.lower(),
            "created": int(time.time()),
        }

    @property
    def dispute_id(self) -> str:
        return str(self._said["id"])

    def open(self, fee: int) -> None:
        """The bank takes the money, Stripe its fee."""
        self._move(-self._said["amount"], fee)
        self._say("needs_response", "created")

    def win(self, fee: int) -> None:
        """The bank gives the money back, Stripe its fee."""
        self._move(self._said["amount"], -fee)
        self._say("won", "closed")

    def lose(self) -> None:
        self._say("lost", "closed")

    def take_evidence(self) -> None:
        """Stripe takes what is submitted from now on."""
        details = self._said["evidence_details"] | {"has_evidence": True, "submission_count": 1}
        self._said |= {"evidence_details": details, "status": "under_review"}
        self._order()

    def _move(self, amount: int, fee: int) -> None:
        moved = self._said["balance_transactions"]
        one = {
            "id": f"txn_{self.dispute_id}_{len(moved)}",
            "source": self.dispute_id,
            "currency": self._said["currency"],
            "amount": amount,
            "fee": fee,
            "net": amount - fee,
        }
        self._said["balance_transactions"] = [*moved, read("balance_transaction") | one]

    def _say(self, status: str, word: str) -> None:
        self._said["status"] = status
        self._order()
        subject = {name: self._said[name] for name in ("id", "payment_intent")}
        self._standin.tell(f"charge.dispute.{word}", subject | {"object": "dispute"})

    def _order(self) -> None:
        answer = {"file": "dispute", "with": self._said}
        self._standin.order(dispute=answer, evidence=answer)
