"""Strict reading: one meaning per body, or a refusal."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.bodies import parse_json_object
from shared.errors import ServiceError

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_what_is_json_is_read_as_it_is(value: dict[str, Any]) -> None:
    assert parse_json_object(json.dumps(value).encode()) == value
    assert parse_json_object(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}x",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": [{"b": 1, "b": 2}]}',
        b'{"a": "\xff"}',
        '{"a": 1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 40_000 + b"]" * 40_000 + b"}",
        b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}",
        b'{"a": 1e99999999999999999999}',
    ],
)
def test_what_is_not_json_with_one_meaning_is_malformed(body: bytes) -> None:
    with pytest.raises(ServiceError) as refusal:
        parse_json_object(body)
    assert refusal.value.code == "malformed_json"


@pytest.mark.parametrize("body", [b"[]", b"[{}]", b'"a"', b"1", b"null", b"true"])
def test_what_is_not_an_object_is_refused_as_body(body: bytes) -> None:
    with pytest.raises(ServiceError) as refusal:
        parse_json_object(body)
    assert refusal.value.code == "validation_failed"
    assert list(refusal.value.details["errors"]) == ["body"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (rb'{"a": "x\u0000"}', "a"),
        (rb'{"a": "\ud800"}', "a"),
        (rb'{"a": {"b": ["\udfff x"]}}', "a.b.0"),
    ],
)
def test_text_that_no_database_can_store_is_refused(body: bytes, field: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        parse_json_object(body)
    assert refusal.value.code == "validation_failed"
    assert list(refusal.value.details["errors"]) == [field]


def test_numbers_with_a_point_are_decimals() -> None:
    """rule M1: no float ever holds an amount."""
    value = parse_json_object(b'{"a": 19.99, "b": 1e2, "c": 5}')
    assert value == {"a": Decimal("19.99"), "b": Decimal("1e2"), "c": 5}
    assert isinstance(value["a"], Decimal)
    assert str(value["a"]) == "19.99"
