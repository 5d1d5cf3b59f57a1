"""The document names the Idempotency-Key of every command that takes one, and of no other."""

import inspect
from types import FunctionType

from services.gateway.document import KEY_PARAMETER
from services.gateway.export_openapi import document
from services.gateway.idempotency import idempotency_key
from tests.unit.gateway.door import Door

ROUTES = "services.gateway.routes"


def test_every_command_with_a_key_says_so(door: Door) -> None:
    """rule C13: who repeats a command has to know under what."""
    views = [inspect.unwrap(view) for view in door.app.view_functions.values()]
    taking = {view.__name__ for view in views if _reads_the_key(view, set())}
    documented = {
        operation["operationId"]
        for path in document()["paths"].values()
        for method, operation in path.items()
        if method != "parameters" and KEY_PARAMETER in operation.get("parameters", [])
    }
    assert documented == taking
    assert {"create_booking", "replay_webhook"} < taking


def _reads_the_key(function: FunctionType, seen: set[FunctionType]) -> bool:
    """Whether it calls `idempotency_key`, by itself or by functions of the routes that it calls."""
    if function in seen:
        return False
    seen.add(function)
    called = [function.__globals__.get(name) for name in function.__code__.co_names]
    return idempotency_key in called or any(
        isinstance(one, FunctionType) and one.__module__.startswith(ROUTES) and _reads_the_key(one, seen)
        for one in called
    )
