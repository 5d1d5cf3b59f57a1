"""Identifiers: UUIDv7 (RFC 9562, section 5.7), so that new rows land at the end of an index."""

import re
import secrets
import uuid
from datetime import datetime

from shared import clock

_TEXT = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """A UUIDv7 as lower-case text: 48 bits of milliseconds since 1970, then 74 random bits."""
    milliseconds = int(clock.now().timestamp() * 1000)
    random_a = secrets.randbits(12)
    random_b = secrets.randbits(62)
    value = milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b
    return str(uuid.UUID(int=value))


def first_id_at(instant: datetime) -> str:
    """The smallest id that can have been made then: what was made later, by the same clock, is above it."""
    return str(uuid.UUID(int=int(instant.timestamp() * 1000) << 80))


def is_id(text: object) -> bool:
    """Whether the value is a UUID in the lower-case text form that we use on the wire."""
    return isinstance(text, str) and _TEXT.fullmatch(text) is not None
