"""How payments are set up, for the banner; asked rarely, and never waited for."""

import threading
from typing import Any

from services.gateway.rpc import Services
from shared import clock
from shared.contracts.payment import GET_PAYMENT_MODE
from shared.errors import ServiceError

KEEP_SECONDS = 30.0
PATIENCE_SECONDS = 0.5
UNKNOWN: dict[str, Any] = {"mode": "unknown", "banner": None}


class PaymentMode:
    """Remembers payment's answer for a while, its silence too."""

    def __init__(self) -> None:
        self._known = UNKNOWN
        self._until = 0.0
        self._lock = threading.Lock()

    def ask(self, services: Services) -> dict[str, Any]:
        """`{"mode": "live" | "sandbox" | "stand-in" | "off" | "unknown", "banner": text or None}`."""
        with self._lock:
            if clock.monotonic() < self._until:
                return self._known
            self._until = clock.monotonic() + KEEP_SECONDS
        try:
            self._known = services.ask(GET_PAYMENT_MODE, {}, PATIENCE_SECONDS)
        except ServiceError:
            self._known = UNKNOWN
            self._until = clock.monotonic() + 2 * PATIENCE_SECONDS
        return self._known
