"""Where a list goes on: an opaque text that is good for one query only.

A cursor holds the place of the last result in the order of its list. A digest over that place and
the query it belongs to tells a cursor of another query, and a changed one, from ours. It needs no
secret: a place gives nobody anything that the list itself does not show.
"""

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared import clock
from shared.errors import cursor_invalid
from shared.ids import is_id

Place = tuple[Any, ...]


class Name(str):
    """What others call a thing, where a list is ordered by it in the place of an id of ours."""

    __slots__ = ()


_DIGEST_BYTES = 9
_LARGEST = 2**63


def write_cursor(query: Sequence[object], place: Place) -> str:
    """A cursor behind the result at `place` (numbers, texts, instants; the last is an id)."""
    body = json.dumps(place, separators=(",", ":"), default=clock.to_text).encode()
    return base64.urlsafe_b64encode(_digest(query, body) + body).decode().rstrip("=")


def read_cursor(cursor: str, query: Sequence[object], types: Sequence[type]) -> Place:
    """The place that a cursor of this query holds. Raises `cursor_invalid` for anything else."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        digest, body = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        if digest != _digest(query, body):
            raise cursor_invalid()
        return _read_place(json.loads(body), types)
    except (binascii.Error, TypeError, ValueError, OverflowError):
        raise cursor_invalid() from None


def _digest(query: Sequence[object], body: bytes) -> bytes:
    text = json.dumps([*query, body.decode("utf-8", "replace")], default=str)
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES, person=b"cursor").digest()


def _read_place(values: Any, types: Sequence[type]) -> Place:
    """Whoever knows how can write a digest: what reaches the database is checked all the same.

    Raises ValueError, TypeError or OverflowError for what does not fit.
    """
    place = tuple(_read_value(value, kind) for value, kind in zip(values, types, strict=True))
    if not place or not (isinstance(place[-1], Name) or is_id(place[-1])):
        raise ValueError("the last is an id")
    return place


def _read_value(value: object, kind: type) -> object:
    if kind is datetime and isinstance(value, str):
        return clock.from_text(value)
    if kind is Name and isinstance(value, str):
        value = Name(value)
    if type(value) is not kind or not _is_bounded(value):
        raise ValueError("not what the list is ordered by")
    return value


def _is_bounded(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < _LARGEST
    if isinstance(value, float):
        return math.isfinite(value)
    return "\x00" not in str(value)
