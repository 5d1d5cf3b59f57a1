"""Asking the services in the name of whoever sent the request in work."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from shared.contracts.declaration import Caller, RpcMethod


class RpcPort(Protocol):
    """What the gateway needs of `shared.messages.rpc_client.RpcClient`."""

    @property
    def is_connected(self) -> bool: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def call(
        self,
        method: RpcMethod,
        request: Mapping[str, Any],
        caller: Caller,
        timeout_seconds: float | None = None,
    ) -> dict[str, Any]: ...


class Services:
    """The four services, as the gateway asks them. `caller` tells who asks in the request in work."""

    def __init__(self, client: RpcPort, caller: Callable[[], Caller]) -> None:
        self._client = client
        self._caller = caller

    def ask(
        self, method: RpcMethod, request: Mapping[str, Any], timeout_seconds: float | None = None
    ) -> dict[str, Any]:
        """Ask and wait as long as the method's kind allows, or shorter.

        Raises the service's own refusal, `unavailable`, `deadline_exceeded`, `internal_error`, and
        for commands `outcome_unknown`. The client repeats a question once, a command never.
        """
        return self._client.call(method, request, self._caller(), timeout_seconds)
