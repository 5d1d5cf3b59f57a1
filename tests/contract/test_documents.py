"""The documents under docs/contracts are what the code says (promise I8)."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.gateway.realtime import asyncapi
from services.gateway.realtime.protocol import ClientEvent, ServerEvent
from shared.contracts import export

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "contracts"
DOCUMENTS = export.documents()


def test_every_document_is_checked_in_as_generated() -> None:
    different = [
        name
        for name, document in DOCUMENTS.items()
        if not (FOLDER / name).is_file()
        or (FOLDER / name).read_text(encoding="utf-8") != export.to_text(document)
    ]
    assert not different, "run make contracts"


def test_no_document_of_a_contract_that_is_gone_is_left() -> None:
    left = {
        path.relative_to(FOLDER).as_posix() for kind in ("rpc", "events") for path in FOLDER.glob(f"{kind}/*")
    }
    assert left <= set(DOCUMENTS)


def test_the_socket_is_described_as_it_is() -> None:
    checked_in = (FOLDER / asyncapi.FILE_NAME).read_text(encoding="utf-8")
    assert checked_in == export.to_text(asyncapi.document()), "run make contracts"


def test_the_socket_s_description_names_every_message() -> None:
    messages = asyncapi.document()["components"]["messages"]
    assert set(messages) == {*ClientEvent, *ServerEvent}


@pytest.mark.parametrize("document", [export.events_document(), asyncapi.document()])
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in _references(document):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        assert target


@pytest.mark.parametrize("name", sorted(name for name in DOCUMENTS if "/" in name))
def test_a_schema_is_valid_json_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(DOCUMENTS[name])


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    return []


def test_documents_are_json() -> None:
    for path in FOLDER.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
