"""Who asks: strangers and customers, each from an address of their own, so that no limit is met."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

from services.gateway.accounts.tokens import LIFETIME, AccessTokens, Principal
from shared.ids import new_id
from tests.bench import world
from tests.fixtures.customer import new_address

ASKED_BY_ONE = 20
"""Requests in a row of one stranger; 50 a minute are allowed."""


class People:
    """Addresses of strangers, and headers of customers with tokens that last for a row of the table."""

    def __init__(self, jwt_private_key: str) -> None:
        self._tokens = AccessTokens(jwt_private_key, lambda: datetime.now(UTC))
        self._ids = world.customer_ids()
        self._addresses = [new_address() for _ in self._ids]
        self._strangers = _strangers()
        self._turn = itertools.cycle(range(len(self._ids)))
        self._sign()

    def renew(self) -> None:
        """New tokens, when half of their life is over."""
        if datetime.now(UTC) > self._signed_at + LIFETIME / 2:
            self._sign()

    @property
    def stranger(self) -> Callable[[], str]:
        """The address from which a stranger asks next."""
        return lambda: next(self._strangers)

    def next_customer(self) -> int:
        """Everybody in turn."""
        return next(self._turn)

    def headers_of(self, number: int) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._signed[number]}",
            "X-Forwarded-For": self._addresses[number],
        }

    def token_of(self, number: int) -> str:
        return self._signed[number]

    def address_of(self, number: int) -> str:
        return self._addresses[number]

    def _sign(self) -> None:
        self._signed_at = datetime.now(UTC)
        self._signed = [
            self._tokens.sign(
                Principal(
                    user_id=user_id,
                    session_id=new_id(),
                    roles=("customer",),
                    memberships=(),
                    locale="en",
                    token_version=1,
                    expires_at=self._signed_at + LIFETIME,
                )
            )
            for user_id in self._ids
        ]


def _strangers() -> itertools.chain[str]:
    return itertools.chain.from_iterable(
        itertools.repeat(new_address(), ASKED_BY_ONE) for _ in itertools.count()
    )
