"""Asks services over RabbitMQ in nameko's protocol, for all threads or greenlets of a process."""

import dataclasses
import logging
from collections.abc import Mapping
from typing import Any

import orjson
from opentelemetry.trace import SpanKind

from shared import clock, logs
from shared.contracts.declaration import Caller, MethodKind, RpcMethod, read, write_unchecked
from shared.errors import (
    ServiceError,
    deadline_exceeded,
    internal_error,
    outcome_unknown,
    unavailable,
)
from shared.fault_points import fault_point
from shared.messages.rpc_gate import MAX_IN_FLIGHT, RpcGate, RpcGates
from shared.messages.rpc_link import NotSentError
from shared.messages.rpc_transport import (
    RETRY_AFTER_SECONDS,
    LinkLostError,
    NoAnswerError,
    RpcTransport,
)
from shared.telemetry import metrics, tracing
from shared.telemetry.attributes import RPC_METHOD, RPC_STATUS, RPC_SYSTEM

log = logging.getLogger(__name__)

SYSTEM_NAME = "nameko"
"""What spans call the protocol."""
ASK, ANSWER = "before asking ", "answered by "
"""Fault points, with the method: nobody was asked yet; the answer is here and not passed on."""
REPEAT_WAIT_SECONDS = 0.7
"""A question whose connection broke waits this long for the next one; the user waits under a second."""


class RpcClient:
    """One per process, made after monkey-patching and after a fork; connects at the first call.

    `name` goes into the names of its connections and of its reply queue. `max_in_flight` is the
    bound of calls that wait for one service.
    """

    def __init__(self, amqp_uri: str, name: str, max_in_flight: int = MAX_IN_FLIGHT) -> None:
        self._transport = RpcTransport(amqp_uri, name)
        self._gates = RpcGates(max_in_flight)

    def start(self) -> None:
        """Connect in the background; the first `call` does it too."""
        self._transport.start()

    def stop(self) -> None:
        """Disconnect; calls in flight fail as if the broker were lost."""
        self._transport.stop()

    @property
    def is_connected(self) -> bool:
        """For readiness."""
        return self._transport.is_connected

    def call(
        self,
        method: RpcMethod,
        request: Mapping[str, Any],
        caller: Caller,
        timeout_seconds: float | None = None,
    ) -> dict[str, Any]:
        """Ask and wait for the answer, read by the method's contract (instants as datetimes).

        `request` holds values; the service that owns the method validates them. `timeout_seconds`:
        by default the method's own deadline; what remains of it travels with the request.

        Raises the service's own ServiceError, or:
        `unavailable`: not done, repeat later (no broker, no such service, overloaded, breaker open,
        a question whose connection broke); a question whose connection breaks is sent once more by
        itself when there is a new connection at once;
        `outcome_unknown`: a command without an answer, repeat it with its key;
        `deadline_exceeded`: a question without an answer in time;
        `internal_error`: the service failed, or its answer breaks the contract.
        """
        started = clock.monotonic()
        deadline = started + (method.deadline_seconds if timeout_seconds is None else timeout_seconds)
        outcome = "failed"
        attributes = {RPC_SYSTEM: SYSTEM_NAME, RPC_METHOD: method.full_name}
        with tracing.span(method.full_name, SpanKind.CLIENT, attributes) as span:
            try:
                gate = self._gates.to(method.service)
                with gate.admit():
                    body = self._ask(gate, method, request, caller, deadline)
                answer = _read_answer(method, body)
                outcome = "answered"
                span.set_attribute(RPC_STATUS, "ok")
                return answer
            except ServiceError as error:
                outcome = error.category.value
                span.set_attribute(RPC_STATUS, error.code)
                raise
            finally:
                seconds = clock.monotonic() - started
                metrics.rpc_client_seconds.labels(method.service, method.name, outcome).observe(seconds)

    def _ask(
        self, gate: RpcGate, method: RpcMethod, request: Mapping[str, Any], caller: Caller, deadline: float
    ) -> str | bytes:
        payload = orjson.dumps({"args": [write_unchecked(method.request, request)], "kwargs": {}})
        fault_point(ASK + method.full_name)
        try:
            body = self._ask_repeatedly(method, payload, caller, deadline)
        except NoAnswerError as error:
            gate.deadline_missed()
            raise _no_answer(method) from error
        except NotSentError as error:
            raise unavailable(reason="broker_lost", retry_after=RETRY_AFTER_SECONDS) from error
        except LinkLostError as error:
            raise _lost(method) from error
        gate.answered()
        fault_point(ANSWER + method.full_name)
        return body

    def _ask_repeatedly(
        self, method: RpcMethod, payload: bytes, caller: Caller, deadline: float
    ) -> str | bytes:
        """Ask; a question whose connection breaks is asked once more over the next one."""
        try:
            return self._exchange(method, payload, caller, deadline)
        except (NotSentError, LinkLostError):
            if method.kind is not MethodKind.QUESTION:
                raise
        self._transport.wait_for_link(min(REPEAT_WAIT_SECONDS, deadline - clock.monotonic()))
        return self._exchange(method, payload, caller, deadline)

    def _exchange(self, method: RpcMethod, payload: bytes, caller: Caller, deadline: float) -> str | bytes:
        link = self._transport.link(deadline)
        remaining_ms = max(1, int((deadline - clock.monotonic()) * 1000))
        headers = _headers(caller, remaining_ms)
        return self._transport.exchange(link, method.full_name, payload, headers, deadline)


def _headers(caller: Caller, deadline_ms: int) -> dict[str, str]:
    """nameko's context headers, and the trace context as a header of its own for instrumentations."""
    trace_context = tracing.inject()
    context = dataclasses.replace(caller, deadline_ms=deadline_ms, trace=trace_context).to_context()
    return {f"nameko.{name}": value for name, value in context.items()} | trace_context


def _lost(method: RpcMethod) -> ServiceError:
    if method.kind is MethodKind.QUESTION:
        return unavailable(reason="broker_lost", retry_after=RETRY_AFTER_SECONDS)
    return outcome_unknown(retry_after=RETRY_AFTER_SECONDS)


def _no_answer(method: RpcMethod) -> ServiceError:
    return deadline_exceeded() if method.kind is MethodKind.QUESTION else outcome_unknown()


def _read_answer(method: RpcMethod, body: str | bytes) -> dict[str, Any]:
    reply = orjson.loads(body)
    error = reply.get("error")
    if error:
        raise _peers_error(method, error)
    try:
        return read(method.answer, reply.get("result"))
    except ServiceError as broken:
        logs.event(log, logging.ERROR, "answer_breaks_contract", method=method.full_name)
        raise internal_error() from broken


def _peers_error(method: RpcMethod, error: Mapping[str, Any]) -> ServiceError:
    """A peer's refusal; of any other failure nothing is read but the type, for the log."""
    arguments = error.get("exc_args") or [{}]
    if error.get("exc_type") == ServiceError.__name__ and isinstance(arguments[0], Mapping):
        return ServiceError.from_wire(arguments[0])
    logs.event(log, logging.ERROR, "peer_failed", method=method.full_name, error=str(error.get("exc_type")))
    return internal_error()
