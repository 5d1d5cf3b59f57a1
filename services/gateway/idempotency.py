"""The Idempotency-Key of a command: the client's, or one made here; the owning service keeps it."""

import re

from flask import request

from shared.errors import invalid_field
from shared.ids import new_id

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key() -> str:
    """The key of the request in work. Raises `validation_failed` unless it is 1 to 255 visible ASCII."""
    given = request.headers.get(HEADER)
    if given is None:
        return new_id()
    if not _KEY.fullmatch(given):
        raise invalid_field(HEADER, "Between 1 and 255 visible ASCII characters.")
    return given
