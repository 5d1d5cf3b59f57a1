"""Stripe's stand-in and its proxy for one run of the tests, and a receiver of the webhooks they send."""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from deploy.local.setup.environments import STANDIN
from tests.fixtures.waiting import wait_until

ROOT = Path(__file__).parents[3]
SECRET = "whsec_of_the_tests"
KEY = "sk_test_localstripe"


_FIXED = {
    "create_account": "POST /v1/accounts",
    "account": "GET /v1/accounts/{id}",
    "account_link": "POST /v1/account_links",
    "balance": "GET /v1/balance",
    "payout": "POST /v1/payouts",
    "retrieve_payout": "GET /v1/payouts/{id}",
    "payouts": "GET /v1/payouts",
    "dispute": "GET /v1/disputes/{id}",
    "submit_evidence": "POST /v1/disputes/{id}",
    "review": "GET /v1/reviews/{id}",
}
"""Operations that the stand-in does not know, as the proxy names them."""


class WebhookInbox:
    """Stands where the gateway is: keeps each webhook byte for byte, with its signature."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        inbox = self

        class Receive(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.received.append((body, self.headers["Stripe-Signature"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def about(self, intent_id: str) -> list[tuple[bytes, str]]:
        return [one for one in list(self.received) if intent_id.encode() in one[0]]

    def wait_for(self, intent_id: str) -> tuple[bytes, str]:
        wait_until(lambda: self.about(intent_id), "the webhook")
        return self.about(intent_id)[0]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class StandIn:
    """The proxy that our code talks to. Counts and faults are those of the proxy."""

    def __init__(self, url: str, store_url: str) -> None:
        self.url = url
        self._store_url = store_url
        self._session = requests.Session()  # one connection; nobody looks for a proxy in the environment
        self._session.trust_env = False
        self._has_orders = False

    def calls(self) -> dict[str, int]:
        """How often each operation that changes something reached the proxy."""
        return {name: count for name, count in self._received().items() if name.startswith("POST")}

    def forget(self) -> None:
        """Counts, orders, and all that the stand-in keeps: it goes through everything for each answer.

        Nothing is to be forgotten where nothing was ordered and no call came.
        """
        if not self._has_orders and not self._received():
            return
        self._session.delete(f"{self.url}/_proxy/calls", timeout=5)
        self._session.delete(f"{self._store_url}/_config/data", timeout=5).raise_for_status()
        self._order("faults", {})
        self._order("fixtures", {})
        self._has_orders = False

    def order_fault(self, **fault: Any) -> None:
        self._order("faults", {"requests": [fault]})

    def order_fixtures(self, **answers: Any) -> None:
        """Answer operations that the stand-in does not know, from files in Stripe's shape."""
        self._order("fixtures", {_FIXED[name]: one for name, one in answers.items()})

    def _order(self, kind: str, document: dict[str, Any]) -> None:
        self._has_orders = True
        answer = self._session.put(f"{self.url}/_proxy/{kind}", json=document, timeout=5)
        assert answer.status_code == 204, answer.text

    def _received(self) -> dict[str, int]:
        """How often each operation reached the proxy."""
        answer = self._session.get(f"{self.url}/_proxy/calls", timeout=5)
        received: dict[str, int] = answer.json()["received"]
        return received

    def authenticate(self, intent_id: str, client_secret: str, *, success: bool = True) -> None:
        """Do what the customer does on the page of the bank."""
        answer = requests.post(
            f"{self.url}/v1/payment_intents/{intent_id}/_authenticate",
            data={"client_secret": client_secret, "success": str(success).lower(), "key": "pk_test_x"},
            timeout=5,
        )
        assert answer.status_code == 200, answer.text

    def intents(self) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/v1/payment_intents?limit=1000", auth=(KEY, ""), timeout=5).json()[
            "data"
        ]
        found: list[dict[str, Any]] = answer
        return found


@contextmanager
def running_standin(gateway_url: str, folder: Path) -> Iterator[StandIn]:
    """Both processes, as the launcher starts them, on free ports; the stand-in starts empty."""
    standin_port, proxy_port = _free_port(), _free_port()
    python = os.environ.get("TEST_STANDIN_PYTHON", str(STANDIN.python))
    proxy_url, store_url = f"http://127.0.0.1:{proxy_port}", f"http://127.0.0.1:{standin_port}"
    environment = {
        **os.environ,
        "STANDIN_WEBHOOK_URL": f"{proxy_url}/api/v1/customer/payments/webhook",
        "STANDIN_WEBHOOK_SECRET": SECRET,
        "PROXY_PORT": str(proxy_port),
        "PROXY_STANDIN_URL": store_url,
        "PROXY_GATEWAY_URL": gateway_url,
    }
    serve = ["-m", "gunicorn", "-c", "deploy/local/standin/gunicorn.conf.py"]
    commands = [
        [python, *serve, "-b", f"127.0.0.1:{standin_port}", "localstripe.server:app"],
        [python, "-m", "deploy.local.standin.proxy"],
    ]
    with (folder / "standin.log").open("wb") as log:
        processes = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            for command in commands
        ]
        try:
            wait_until(lambda: _answers(f"{store_url}/js.stripe.com/v3/"), "the stand-in", seconds=90)
            wait_until(lambda: _answers(f"{proxy_url}/_proxy/ready"), "its proxy")
            yield StandIn(proxy_url, store_url)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).status_code == 200
    except requests.RequestException:
        return False
