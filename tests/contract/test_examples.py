"""Messages of every release stay readable, and each contract has an example of each message."""

import json
from typing import Any

import jsonschema
import pytest
from marshmallow import RAISE, Schema, ValidationError, fields

from shared.contracts.declaration import read, write
from shared.contracts.export import events, methods
from shared.contracts.json_schema import standalone
from tests.contract.freeze import FOLDER
from tests.contract.messages import examples

FROZEN = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json"))


def _schemas() -> dict[str, type[Schema]]:
    found: dict[str, type[Schema]] = {}
    for method in methods():
        found[f"rpc/{method.full_name}.request"] = method.request
        found[f"rpc/{method.full_name}.answer"] = method.answer
    for event in events():
        found[f"events/{event.service}.{event.name}.v{event.version}"] = event.data
    return found


SCHEMAS = _schemas()


def schema_of(name: str) -> type[Schema]:
    stem = name.removesuffix(".json")
    return SCHEMAS.get(stem) or SCHEMAS[stem.rpartition(".")[0]]


def _frozen(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_every_message_has_an_example_and_it_is_frozen() -> None:
    written = examples()
    assert {name.removesuffix(".json") for name in written} == set(SCHEMAS)
    assert set(written) <= set(FROZEN), "run python -m tests.contract.freeze"


def test_no_frozen_message_was_given_up() -> None:
    """A message that a deployed peer may still send keeps its contract (promise A1)."""
    for name in FROZEN:
        schema_of(name)


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_message_is_readable_in_all_its_members(name: str) -> None:
    """What a deployed peer sends is understood, and no member that it relies on is gone (promise A1)."""
    value = _frozen(name)
    read(schema_of(name), value)
    assert schema_of(name)(unknown=RAISE).validate(value) == {}


@pytest.mark.parametrize("name", sorted(examples()))
def test_what_is_written_reads_back_the_same(name: str) -> None:
    schema, value = schema_of(name), examples()[name]
    assert write(schema, read(schema, value)) == value


@pytest.mark.parametrize("name", sorted(examples()))
def test_the_json_schema_accepts_the_example_and_refuses_a_gap(name: str) -> None:
    """What docs/contracts says is what the code accepts (promise I8)."""
    schema, value = schema_of(name), examples()[name]
    validator = jsonschema.Draft202012Validator(standalone(schema))
    validator.validate(value)
    for required in standalone(schema)["$defs"][schema.__name__.removesuffix("Schema")].get("required", []):
        gap = {member: item for member, item in value.items() if member != required}
        assert not validator.is_valid(gap)


def test_a_producer_is_strict() -> None:
    """A service never sends what breaks its own contract."""

    class Contract(Schema):
        count = fields.Integer(required=True, strict=True)

    with pytest.raises(ValidationError):
        write(Contract, {})


def test_a_consumer_ignores_what_a_newer_peer_adds() -> None:
    """A peer of the next release may add members (promise A1)."""
    name = "events/booking.booking_held.v1.json"
    assert read(schema_of(name), {**examples()[name], "added_later": 1}) == read(
        schema_of(name), examples()[name]
    )
