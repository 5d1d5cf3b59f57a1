"""Identifiers and choices that come out the same in every run, without a clock or a random source."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

# 2026-01-01T00:00:00Z in milliseconds: the demo world was "created" during the first hours of that day.
_CREATED_AT_MS = 1_767_225_600_000


def digest(*parts: object) -> int:
    """A 256-bit number that depends on nothing but `parts`."""
    text = "\x1f".join(["care-demo", *map(str, parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def stable_id(kind: str, *parts: object) -> str:
    """Lower-case text of a UUID of version 7 (RFC 9562) made from `kind` and `parts`."""
    number = digest("id", kind, *parts)
    timestamp = _CREATED_AT_MS + (number >> 232)
    random_a = (number >> 160) & 0xFFF
    random_b = number & ((1 << 62) - 1)
    value = (timestamp << 80) | (0x7 << 76) | (random_a << 64) | (0b10 << 62) | random_b
    return str(uuid.UUID(int=value))


def between(low: int, high: int, *parts: object) -> int:
    """A whole number in [low, high], the same for the same `parts`."""
    return low + digest("between", *parts) % (high - low + 1)


def pick(options: Sequence[Item], *parts: object) -> Item:
    """One of `options`, the same for the same `parts`."""
    return options[digest("pick", *parts) % len(options)]


def chance(percent: int, *parts: object) -> bool:
    """True for about `percent` of all `parts`."""
    return digest("chance", *parts) % 100 < percent
