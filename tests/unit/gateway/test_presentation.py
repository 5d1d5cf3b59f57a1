"""What leaves: camelCase, amounts as text of the integer, nothing that the contract does not state."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields

from services.gateway.amounts import DecimalNumber
from services.gateway.presentation import camel_case, money, presenter, public_schema
from shared.contracts import booking, notify, payment, search
from shared.contracts.declaration import RpcMethod
from shared.contracts.fields import Instant, required_money
from shared.money import EXPONENTS, Money

METHODS = [*search.METHODS, *booking.METHODS, *payment.METHODS, *notify.METHODS]


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(EXPONENTS)))
def test_an_amount_is_written_from_the_integer(minor: int, currency: str) -> None:
    """rule M1, rule M2: the number has exactly the currency's digits and stands for the same money."""
    text = orjson.dumps(money({"amount": minor, "currency": currency})).decode()
    number = text.partition(":")[2].partition(",")[0]
    assert Decimal(number).scaleb(EXPONENTS[currency]) == minor
    assert len(number.partition(".")[2]) == EXPONENTS[currency]
    assert number == str(Money(minor, currency).decimal())


def test_amounts_look_as_people_write_them() -> None:
    assert orjson.dumps(money({"amount": 10000, "currency": "USD"})) == b'{"amount":100.00,"currency":"USD"}'
    assert orjson.dumps(money({"amount": 5000, "currency": "JPY"})) == b'{"amount":5000,"currency":"JPY"}'
    assert orjson.dumps(money({"amount": 1, "currency": "KWD"})) == b'{"amount":0.001,"currency":"KWD"}'


class _Inner(Schema):
    a_price = required_money()
    seen_at = Instant(required=True)


class _Outer(Schema):
    one_part = fields.Nested(_Inner, required=True, allow_none=True)
    all_parts = fields.List(fields.Nested(_Inner), required=True)


def test_names_and_amounts_are_public_at_every_depth_and_unknown_members_stay_inside() -> None:
    part = {"a_price": {"amount": 5, "currency": "USD"}, "seen_at": "2026-01-01T00:00:00Z", "secret": 1}
    public = presenter(_Outer)({"one_part": part, "all_parts": [part], "secret": 1})
    shown = {"aPrice": {"amount": 0.05, "currency": "USD"}, "seenAt": "2026-01-01T00:00:00Z"}
    assert orjson.loads(orjson.dumps(public)) == {"onePart": shown, "allParts": [shown]}
    assert presenter(_Outer)({"one_part": None, "all_parts": []}) == {"onePart": None, "allParts": []}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_the_document_names_what_is_answered(method: RpcMethod) -> None:
    stated = set(method.answer._declared_fields)
    assert set(public_schema(method.answer)._declared_fields) == {camel_case(name) for name in stated}
    assert set(presenter(method.answer)({})) == {camel_case(name) for name in stated}


def test_a_tip_keeps_the_digits_that_were_written() -> None:
    field = DecimalNumber()
    assert str(field.deserialize(Decimal("5.00"))) == "5.00"
    assert field.deserialize(5) == 5
    assert DecimalNumber(from_text=True).deserialize("19.99") == Decimal("19.99")


@pytest.mark.parametrize(
    "value",
    ["5", True, 5.0, -1, Decimal("-0.01"), Decimal("NaN"), Decimal("1e300"), Decimal("1e-300"), [1], {}],
)
def test_what_is_no_amount_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        DecimalNumber().deserialize(value)
