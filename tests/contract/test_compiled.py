"""The contracts' functions read and write as marshmallow does, or leave it to marshmallow (promise A1)."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import RAISE, Schema, fields

from shared.contracts import compiled
from shared.contracts.declaration import tolerant
from shared.contracts.payment_books_forms import CommissionLineSchema
from shared.errors import Category
from tests.contract.freeze import FOLDER
from tests.contract.test_examples import FROZEN, schema_of

CHANGES = 30
"""Of each message; about twice as many as it has members."""
AWAY = object()
WIRE: tuple[Any, ...] = (
    *(AWAY, None, True, 0, 7, -1, 2**60, 1.5, float("nan"), float("inf"), "", " ", "x" * 501, "10:00", "-1"),
    *("2027-01-15", "2027-01-15T10:00:00+02:00", "2027-01-15T10:00:00", "0001-01-01T00:00:00+14:00", "USD"),
    *("00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-00000000000A", "{}", [], [None], {}),
    *([{}], ["a"], {"amount": 1, "currency": "USD"}, {"amount": True, "currency": "USD"}),
)
VALUES: tuple[Any, ...] = (
    *WIRE,
    *(datetime(2027, 1, 15, 10), datetime(2027, 1, 15, 10, tzinfo=UTC)),  # noqa: DTZ001 - to be refused
    *(
        datetime(2027, 1, 15, 10, tzinfo=timezone(timedelta(hours=2))),
        Category.CONFLICT,
        Decimal("1.50"),
        ("a",),
    ),
)


@pytest.mark.parametrize("name", FROZEN)
def test_it_reads_what_marshmallow_reads(name: str) -> None:
    schema, example = schema_of(name), _frozen(name)
    slow = tolerant(schema())
    read = compiled.reader(schema)
    for value in [example, *_changed(example, WIRE, name)]:
        with suppress(compiled.UnsureError):
            assert _same(read(value), slow.load(value))
    assert _is_surely(read, example) or _says_more(schema())


@pytest.mark.parametrize("name", FROZEN)
def test_it_writes_what_marshmallow_writes_and_finds_right(name: str) -> None:
    schema = schema_of(name)
    values = tolerant(schema()).load(_frozen(name))
    strict = schema(unknown=RAISE)
    write = compiled.writer(schema)
    for value in [values, *_changed(values, VALUES, name)]:
        with suppress(compiled.UnsureError):
            written = write(value)
            assert _same(written, strict.dump(value))
            assert strict.validate(written) == {}
    assert _is_surely(write, values) or _says_more(schema())


@pytest.mark.parametrize(("rate", "is_right"), [("0.08500", True), ("0.085001", False), ("1.1", False)])
def test_a_value_with_another_form_on_the_wire_is_checked_in_its_own(rate: str, is_right: bool) -> None:
    line = {"provider_id": None, "category": "massage", "from_bookings": 0}
    write = compiled.writer(CommissionLineSchema)
    assert _is_surely(write, line | {"rate": Decimal(rate)}) is is_right
    if is_right:
        assert write(line | {"rate": Decimal(rate)})["rate"] == rate


def _frozen(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def _changed(example: Any, others: tuple[Any, ...], seed: str) -> Iterator[Any]:
    """The example with another value, or none, in one place, somewhere in it."""
    chance = random.Random(seed)  # noqa: S311 - nobody's secret
    places = list(_places(example))
    for _ in range(CHANGES if places else 0):
        *way, last = chance.choice(places)
        value = copy.deepcopy(example)
        holder = value
        for step in way:
            holder = holder[step]
        other = chance.choice(others)
        if other is not AWAY:
            holder[last] = other
        elif isinstance(holder, dict):
            del holder[last]
        yield value


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, item in members:
        yield (name,)
        yield from ((name, *rest) for rest in _places(item))


def _same(one: Any, other: Any) -> bool:
    """Equal in value, type and order: True is no 1 here."""
    return repr(one) == repr(other)


def _is_surely(convert: Callable[[Any], Any], value: Any) -> bool:
    try:
        convert(value)
    except compiled.UnsureError:
        return False
    return True


def _says_more(schema: Schema) -> bool:
    """Whether it, or one in it, has rules of more than one field."""
    members = [one.inner if isinstance(one, fields.List) else one for one in schema.fields.values()]
    return any(schema._hooks.values()) or any(
        _says_more(one.schema) for one in members if isinstance(one, fields.Nested)
    )
