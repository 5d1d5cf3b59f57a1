"""Settings of the booking service."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from shared.settings import WorkerSettings, setting


@dataclass(frozen=True, kw_only=True)
class BookingSettings(WorkerSettings):
    """Read once from the environment when the process starts."""

    hold_seconds: int = setting("HOLD_SECONDS", "how long a new booking holds its slot unpaid", 900)
    payment_hold_seconds: int = setting(
        "PAYMENT_HOLD_SECONDS", "what the beginning of a payment prolongs the hold to, at least", 900
    )
    holds_per_customer: int = setting("HOLDS_PER_CUSTOMER", "live holds that one customer may have", 5)
    holds_per_address: int = setting("HOLDS_PER_ADDRESS", "live holds from one address of the network", 20)
    complete_grace_seconds: int = setting(
        "COMPLETE_GRACE_SECONDS",
        "after its end a visit counts as done when nobody said otherwise",
        86400,
    )

    @property
    def complete_grace(self) -> timedelta:
        """Payment reads it from what it is told of each visit (`done_by`) and has no setting of its own."""
        return timedelta(seconds=self.complete_grace_seconds)

    @property
    def address_key(self) -> bytes:
        """Keys the digests of addresses: all processes have it, and who reads the database has not.

        A new password of the database begins the count of live holds anew.
        """
        return hashlib.sha256(self.database_url.encode()).digest()
