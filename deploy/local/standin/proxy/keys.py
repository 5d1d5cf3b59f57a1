"""Idempotency keys as Stripe keeps them, since the stand-in ignores them and would charge twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

# Refused before Stripe looks at the key, so nothing is kept: parameters, authentication, conflict, limits.
_NOT_KEPT = frozenset({400, 401, 409, 429})
_MOST_KEYS = 100_000  # Stripe forgets after a day


@dataclass(frozen=True)
class Answer:
    """What goes back to the caller."""

    status: int
    body: bytes
    content_type: str = "application/json"
    is_replayed: bool = False


@dataclass
class _Entry:
    fingerprint: tuple[object, ...]
    answer: Answer | None = None  # None while the first request is at work


class IdempotencyKeys:
    """The first answer under each key."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    async def once(
        self, key: str, fingerprint: tuple[object, ...], work: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """The kept answer of `key`, or that of `work`, which runs at most once at a time for a key."""
        entry = self._entries.get(key)
        if entry is not None:
            return _repeated(entry, fingerprint)
        entry = self._entries[key] = _Entry(fingerprint)
        try:
            answer = await work()
            if answer.status not in _NOT_KEPT:
                entry.answer = answer
            return answer
        finally:
            if entry.answer is None:
                del self._entries[key]
            while len(self._entries) > _MOST_KEYS:
                self._entries.popitem(last=False)


def fingerprint_of(path: str, body: bytes) -> tuple[object, ...]:
    """What must be equal for two requests to be one: the path and the parameters in any order."""
    return (path, tuple(sorted(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))))


def stripe_error(status: int, kind: str, message: str, code: str | None = None) -> Answer:
    """An error in the form of Stripe's API."""
    code_part = f', "code": "{code}"' if code else ""
    return Answer(status, f'{{"error": {{"type": "{kind}", "message": "{message}"{code_part}}}}}'.encode())


def _repeated(entry: _Entry, fingerprint: tuple[object, ...]) -> Answer:
    if entry.fingerprint != fingerprint:
        message = (
            "Keys for idempotent requests can only be used with the parameters they were first used with."
        )
        return stripe_error(400, "idempotency_error", message)
    if entry.answer is None:
        message = "There is currently another in-progress request using this Idempotency-Key."
        return stripe_error(409, "idempotency_error", message, "idempotency_key_in_use")
    return Answer(entry.answer.status, entry.answer.body, entry.answer.content_type, is_replayed=True)
