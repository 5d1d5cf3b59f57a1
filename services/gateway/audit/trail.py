"""Commands of those who may override: nothing is sent before it is written who asks for it (rule C12)."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.gateway.audit.store import entries
from services.gateway.audit.store.entries import Entry, Filter, Outcome, Place
from services.gateway.context import RequestContext
from shared import logs
from shared.database.transaction import Transaction
from shared.errors import Category, ServiceError, outcome_unknown

log = logging.getLogger(__name__)

Command = Callable[[], dict[str, Any]]
"""Sends it and answers what its service answered. Raises ServiceError."""

_MAY_BE_DONE = frozenset({Category.DEADLINE, Category.INTERNAL})
"""Refusals after which nobody knows whether it was done."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is asked: `request` as the service gets it. Neither it nor the answer may hold a secret."""

    action: str
    object_kind: str
    object_id: str
    reason: str | None
    request: Mapping[str, Any]


class Trail:
    """Writes the audit and reads it. `current` is the request in work: it says who asks."""

    def __init__(self, transaction: Transaction, current: Callable[[], RequestContext]) -> None:
        self._transaction = transaction
        self._current = current

    def carry_out(self, ask: Ask, command: Command) -> dict[str, Any]:
        """Write the ask, send the command, write what came of it.

        A process that dies in between leaves an ask without an outcome, for everyone to see. Raises what
        the command raises, `unavailable` when the ask can't be written (nothing is sent then), and
        `outcome_unknown` when only the outcome can't: a repeat under the same key writes both again.
        """
        asked = self._entry(ask)
        with self._transaction() as connection:
            ask_id = entries.add(connection, asked)
        try:
            answer = command()
        except ServiceError as refusal:
            outcome = Outcome.UNKNOWN if refusal.category in _MAY_BE_DONE else Outcome.REFUSED
            self._close(asked, ask_id, outcome, {"code": refusal.code})
            raise
        self._close(asked, ask_id, Outcome.DONE, answer)
        return answer

    def page(self, wanted: Filter, before: Place | None, limit: int) -> list[dict[str, Any]]:
        """Asks with their outcomes, newest first, older than the place `before`."""
        with self._transaction() as connection:
            return entries.page(connection, wanted, before, limit)

    def _entry(self, ask: Ask) -> Entry:
        current = self._current()
        return Entry(
            outcome=Outcome.ASKED,
            actor_id=current.caller().user_id,
            client_address=current.client_address,
            action=ask.action,
            object_kind=ask.object_kind,
            object_id=ask.object_id,
            reason=ask.reason,
            content=ask.request,
            request_id=current.request_id,
        )

    def _close(self, asked: Entry, ask_id: str, outcome: Outcome, content: Mapping[str, Any]) -> None:
        values = {name: getattr(asked, name) for name in Entry.__dataclass_fields__}
        try:
            with self._transaction() as connection:
                entries.add(connection, Entry(**values | {"outcome": outcome, "content": content}), ask_id)
        except ServiceError as error:
            logs.event(log, logging.ERROR, "audit_outcome_not_written", ask_id=ask_id, outcome=outcome.value)
            raise outcome_unknown() from error
