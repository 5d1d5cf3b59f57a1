"""Strict reading of what clients send: one meaning per body, or a refusal that names the field."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from flask import Request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import UnsupportedMediaType

from services.gateway.problems import malformed_json, malformed_request, too_large
from shared.errors import validation_failed

MAX_JSON_BYTES = 64 * 1024
"""No request of ours is longer than a few kilobytes; the rest is an accident or an attack."""
MAX_WEBHOOK_BYTES = 512 * 1024
"""Stripe's largest events are well below (an object with all its expanded parts)."""
MAX_QUERY_MEMBERS = 30
MAX_DEPTH = 20


def read_body(request: Request, limit: int) -> bytes:
    """The raw body.

    Raises `too_large` by Content-Length or as soon as more than `limit` has come, and
    `malformed_request` when it ends before its end or its chunks are none.
    """
    length = request.content_length
    if length is not None and length > limit:
        raise too_large(limit_bytes=limit)
    try:
        body = request.stream.read(limit + 1)
    except (OSError, ParseException):
        raise malformed_request("The body cannot be read.") from None
    if len(body) > limit:
        raise too_large(limit_bytes=limit)
    if length is not None and len(body) < length:
        raise malformed_request("The body ended too early.")
    return body


def has_no_body(request: Request) -> bool:
    """Whether the client sent nothing after the headers."""
    return not request.content_length and "Transfer-Encoding" not in request.headers


def read_json_object(request: Request, limit: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """The body as a JSON object; numbers with a point are Decimals.

    Raises werkzeug's UnsupportedMediaType, `too_large`, `malformed_json` (not UTF-8, not JSON, a
    name twice, NaN), `validation_failed` (not an object, text that no database can store).
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Content-Type has to be application/json.")
    return parse_json_object(read_body(request, limit))


def parse_json_object(body: bytes) -> dict[str, Any]:
    """Like `read_json_object`, from the bytes."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique_names,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError:
        raise malformed_json("The body is not UTF-8.") from None
    except (ValueError, ArithmeticError, RecursionError):
        raise malformed_json() from None
    if not isinstance(value, dict):
        raise validation_failed("A JSON object is expected.", errors={"body": ["Not an object."]})
    _refuse_unstorable(value, "", 0)
    return value


def read_query(request: Request) -> dict[str, str]:
    """The query as a mapping.

    Raises `malformed_request` (not UTF-8) and `validation_failed` (a name twice).
    """
    try:
        pairs = parse_qsl(
            request.query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_QUERY_MEMBERS,
        )
    except ValueError:
        raise malformed_request("The query cannot be read.") from None
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise validation_failed(errors={name: ["Given twice."]})
        values[name] = value
    _refuse_unstorable(values, "", 0)
    return values


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise malformed_json("A name occurs twice in one object.")
    return members


def _refuse_constant(_text: str) -> NoReturn:
    raise malformed_json("NaN and Infinity are not JSON.")


def _refuse_unstorable(value: Any, path: str, depth: int) -> None:
    """Refuse what JSON allows and PostgreSQL or UTF-8 can't hold: U+0000 and lone surrogates."""
    if depth > MAX_DEPTH:
        raise malformed_json("The body is nested too deeply.")
    if isinstance(value, str):
        if "\0" in value or (not value.isprintable() and _has_surrogate(value)):
            raise validation_failed(errors={path or "body": ["Holds characters that are not text."]})
    elif isinstance(value, Mapping):
        for name, item in value.items():
            _refuse_unstorable(name, path, depth + 1)
            _refuse_unstorable(item, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_unstorable(item, f"{path}.{index}", depth + 1)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
