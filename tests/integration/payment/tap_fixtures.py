"""Stored answers in the documented shapes of Tap, served over HTTP on this machine: a fixture, no Tap.

It decides nothing: which answer comes is ordered by the test. Of a request it takes over what an answer
repeats (amount and metadata), and under a known `reference.idempotent` it answers as it did at first.
"""

import json
import threading
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "tap_answers"
CUT = "cut"
"""The request is taken, and the connection ends without an answer."""


@dataclass
class Kept:
    """What an object of ours repeats of the request that made it."""

    amount: str
    metadata: dict[str, Any]
    charge: str
    refund: str = ""
    answer: str = ""


@dataclass
class TapFixtures:
    """`next_answers`: names of files, or CUT, or a status; used up one by one, then the usual ones."""

    next_answers: list[str | int] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)
    url: str = ""
    _kept: dict[str, Kept] = field(default_factory=dict)
    _by_key: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def forget(self) -> None:
        """As it was when it started."""
        for kept in (self.next_answers, self.requests, self.texts, self._kept, self._by_key):
            kept.clear()
        self.authorizations.clear()

    def made(self, what: str) -> list[dict[str, Any]]:
        """The bodies by which charges, or refunds, were asked for."""
        return [body for method, path, body in self.requests if (method, path) == ("POST", f"/v2/{what}/")]

    def stands(self, object_id: str, answer: str) -> dict[str, Any]:
        """From now on the object is as in this file; answers what a post about it holds."""
        kept = self._kept[object_id]
        kept.answer = answer
        return self._fill(answer, kept)

    def answer(self, method: str, path: str, text: str) -> tuple[int, dict[str, Any]] | None:
        """Status and body; None to end the connection."""
        body = json.loads(text, parse_float=Decimal) if text else {}
        with self._lock:
            self.requests.append((method, path, body))
            self.texts.append(text)
            ordered = self.next_answers.pop(0) if self.next_answers else ""
            object_id = self._object(method, path, body)
            if ordered == CUT:
                return None
            if isinstance(ordered, int):
                return ordered, json.loads((ANSWERS / "error_internal.json").read_text())
            if ordered.startswith("error_"):
                return 400, json.loads((ANSWERS / ordered).read_text())
            kept = self._kept.get(object_id)
            if kept is None:
                return 404, json.loads((ANSWERS / "error_not_found.json").read_text())
            kept.answer = ordered or kept.answer
            return 200, self._fill(kept.answer, kept)

    def _object(self, method: str, path: str, body: dict[str, Any]) -> str:
        if method == "GET":
            return path.rsplit("/", 1)[-1]
        key = body["reference"]["idempotent"]
        if key not in self._by_key:
            number = len(self._by_key) + 1
            amount, metadata = str(body["amount"]), body["metadata"]
            if path == "/v2/refunds/":
                made = Kept(amount, metadata, body["charge_id"], f"re_TS{number:022}", "refund_pending.json")
                self._by_key[key] = made.refund
            else:
                made = Kept(amount, metadata, f"chg_TS{number:022}", answer="charge_initiated.json")
                self._by_key[key] = made.charge
            self._kept[self._by_key[key]] = made
        return self._by_key[key]

    def _fill(self, name: str, kept: Kept) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads((ANSWERS / name).read_text())
        values = {"$charge": kept.charge, "$refund": kept.refund, "$metadata": kept.metadata}
        values["$amount"] = json.loads(kept.amount, parse_float=float)
        filled = _filled(answer, values)
        assert isinstance(filled, dict)
        return filled


def _filled(value: Any, values: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(member, values) for name, member in value.items()}
    return values.get(value, value) if isinstance(value, str) else value


def serve(fixtures: TapFixtures) -> ThreadingHTTPServer:
    """Serves on a free port of this machine until `shutdown`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, text: str) -> None:
            fixtures.authorizations.add(self.headers["Authorization"])
            found = fixtures.answer(self.command, self.path, text)
            if found is None:
                self.close_connection = True
                return
            body = json.dumps(found[1]).encode()
            self.send_response(found[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests read what was asked from `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fixtures.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
