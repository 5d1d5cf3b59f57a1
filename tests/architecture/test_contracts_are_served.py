"""Every RPC has a contract and every contract an RPC; every event that is heard is one that is sent."""

import ast
import importlib
from collections.abc import Iterator

import pytest

from shared.contracts.declaration import EventType, RpcMethod
from shared.errors import COMMON_ERRORS, ErrorCode
from tests.architecture.source import ROOT, SERVICES, WORKERS, SourceFile, production_files


def _door_files(service: str) -> list[SourceFile]:
    """`service.py`, and what it has handed on to doors of single subjects."""
    folder = ("services", service)
    return [
        file
        for file in production_files()
        if file.path.parts == (*folder, "service.py") or file.path.parts[:-1] == (*folder, "doors")
    ]


def decorated_constants(service: str, decorator: str) -> Iterator[str]:
    """The last name of the argument of each `@decorator(module.CONSTANT)` in a service's door."""
    for node in (node for file in _door_files(service) for node in ast.walk(file.tree)):
        if not isinstance(node, ast.FunctionDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == decorator:
                argument = call.args[0]
                assert isinstance(argument, ast.Attribute | ast.Name)
                yield argument.attr if isinstance(argument, ast.Attribute) else argument.id


def _contract(service: str) -> dict[str, object]:
    """What a service's contract says, and the modules that are parts of it."""
    whole = vars(importlib.import_module(f"shared.contracts.{service}"))
    names = sorted(path.stem for path in (ROOT / "shared" / "contracts").glob(f"{service}_*.py"))
    parts = [vars(importlib.import_module(f"shared.contracts.{name}")) for name in names]
    return {name: value for module in (*parts, whole) for name, value in module.items()}


@pytest.mark.parametrize("service", WORKERS)
def test_every_rpc_has_a_contract_and_every_contract_an_rpc(service: str) -> None:
    served = set(decorated_constants(service, "rpc"))
    stated = {name for name, value in _contract(service).items() if isinstance(value, RpcMethod)}
    assert served == {name for name in stated if getattr(_contract(service)[name], "service", "") == service}
    listed = _contract(service)["METHODS"]
    assert isinstance(listed, tuple)
    assert {method.name for method in listed} == {name.lower() for name in served}


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_is_listed_and_sent_somewhere(service: str) -> None:
    stated = {
        name
        for name, value in _contract(service).items()
        if isinstance(value, EventType) and value.service == service
    }
    sources = [
        "\n".join(file.lines) for file in production_files() if file.path.parts[:2] == ("services", service)
    ]
    unsent = {name for name in stated if not any(name in source for source in sources)}
    assert not unsent


def test_codes_are_unique() -> None:
    """A client decides by the code: one code, one meaning, one status."""
    meanings: dict[str, str] = {code.code: code.category for code in COMMON_ERRORS}
    for service in SERVICES:
        for value in _contract(service).values():
            if isinstance(value, ErrorCode):
                assert meanings.setdefault(value.code, value.category) == value.category, value.code


@pytest.mark.parametrize("service", SERVICES)
def test_a_readme_is_the_contract(service: str) -> None:
    """Each RPC method, event and error code of a service is in its README."""
    text = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    names = [
        value.name
        for value in _contract(service).values()
        if isinstance(value, EventType | RpcMethod) and value.service == service
    ]
    names += [value.code for value in _contract(service).values() if isinstance(value, ErrorCode)]
    missing = [name for name in names if name not in text]
    assert not missing
