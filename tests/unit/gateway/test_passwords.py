"""Passwords: what is stored, and what time tells."""

from collections.abc import Callable
from typing import Any

import pytest

from services.gateway.accounts.passwords import MAX_IN_HAND, Passwords
from services.gateway.accounts.registration import normalise_email, normalise_password
from shared.errors import ServiceError


class CountingPool:
    def __init__(self) -> None:
        self.runs: list[str] = []

    def apply(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        self.runs.append(f"{function.__name__} {str(arguments[0])[:9]}")
        return function(*arguments)


def test_a_password_is_right_or_wrong() -> None:
    passwords = Passwords(CountingPool())
    stored = passwords.hash("correct-horse-1")
    assert stored.startswith("$argon2id$")
    assert stored != passwords.hash("correct-horse-1")
    assert passwords.verify(stored, "correct-horse-1")
    assert not passwords.verify(stored, "correct-horse-2")
    assert not passwords.verify("not a hash", "correct-horse-1")
    assert not passwords.is_outdated(stored)


def test_an_unknown_account_costs_the_same_work() -> None:
    """promise H1: the time of an answer does not tell which addresses have accounts."""
    pool = CountingPool()
    passwords = Passwords(pool)
    stored = passwords.hash("correct-horse-1")
    passwords.verify(None, "warm up")
    pool.runs.clear()
    passwords.verify(stored, "wrong-horse-22")
    known = pool.runs.copy()
    pool.runs.clear()
    assert not passwords.verify(None, "wrong-horse-22")
    assert pool.runs == known == ["_matches $argon2id"]


def test_a_flood_is_refused_not_kept_waiting() -> None:
    class Reentrant:
        def __init__(self) -> None:
            self.depth = 0

        def apply(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
            self.depth += 1
            return passwords.hash("one more inside")

    pool = Reentrant()
    passwords = Passwords(pool)
    with pytest.raises(ServiceError) as refusal:
        passwords.hash("first")
    assert refusal.value.code == "unavailable"
    assert pool.depth == MAX_IN_HAND


def test_one_mailbox_has_one_spelling() -> None:
    assert normalise_email("  Ann.Smith+x@Example.COM ") == "ann.smith+x@example.com"
    assert normalise_email("\uff41nn@example.com") == "ann@example.com"
    assert normalise_password("e\u0301cole") == normalise_password("\u00e9cole")
