"""RPC methods: the request checked by its contract, the deadline kept, nothing but stated errors answered."""

import functools
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import orjson
from amqp.exceptions import PreconditionFailed
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from nameko.exceptions import ConfigurationError
from nameko.extensions import register_entrypoint
from nameko.messaging import decode_from_headers
from nameko.rpc import Rpc as NamekoRpc
from nameko.rpc import RpcConsumer as NamekoRpcConsumer
from nameko.rpc import get_rpc_exchange
from opentelemetry.trace import Span, SpanKind, get_current_span

from shared import clock, logs
from shared.contracts.declaration import Caller, RpcMethod, read, write
from shared.errors import COMMON_ERRORS, ServiceError, deadline_exceeded, internal_error, unavailable
from shared.messages.rpc_client import SYSTEM_NAME
from shared.messages.topology import TopologyError, rpc_queue
from shared.telemetry import metrics, tracing
from shared.telemetry.attributes import RPC_METHOD, RPC_STATUS, RPC_SYSTEM
from shared.telemetry.series import begin_at_zero
from shared.worker import broker, deadline
from shared.worker.consumer import NotSentError, Subscription

log = logging.getLogger(__name__)

QUEUE_EXPIRES_MS = 10_000
"""Without a consumer for so long, the queue goes and callers hear at once that nobody answers."""
OK = "ok"

Method = Callable[[Any, dict[str, Any], Caller], dict[str, Any]]


@dataclass(frozen=True)
class Request:
    """One request as it came: `deadline` is an instant of `clock.monotonic`."""

    payload: object
    caller: Caller
    deadline: float


@dataclass(frozen=True)
class Answer:
    """Either a result that fulfils the contract, or a refusal."""

    result: dict[str, Any] | None = None
    error: ServiceError | None = None

    def to_body(self) -> bytes:
        """nameko's form of an answer; of the error a peer reads the type and the one argument.

        Raises TypeError for details of a refusal that are no JSON.
        """
        error = None
        if self.error is not None:
            error = {
                "exc_type": "ServiceError",
                "exc_path": "shared.errors.ServiceError",
                "exc_args": [self.error.to_wire()],
                "value": str(self.error),
            }
        return orjson.dumps({"result": self.result, "error": error})


def rpc(contract: RpcMethod) -> Callable[[Method], Method]:
    """Serve a contract: the method gets (request as the contract reads it, caller) and answers values.

    Members of the request that this release does not know are left out. A ServiceError passes to
    the caller; anything else is a bug: logged with its trace, answered `internal_error`.
    """

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def boundary(service: Any, request: Request) -> Answer:
            return serve(contract, functools.partial(method, service), request)

        register_entrypoint(boundary, Rpc(contract))
        return boundary  # type: ignore[return-value]

    return decorate


def serve(
    contract: RpcMethod, method: Callable[[dict[str, Any], Caller], dict[str, Any]], request: Request
) -> Answer:
    """Answer one request; raises nothing."""
    token = logs.request_id.set(request.caller.request_id)
    started = clock.monotonic()
    try:
        with deadline.running_until(request.deadline):
            answer = _attempt(contract, method, request)
        seconds = clock.monotonic() - started
        _observe(contract, answer, seconds)
        return answer
    finally:
        logs.request_id.reset(token)


def _attempt(
    contract: RpcMethod, method: Callable[[dict[str, Any], Caller], dict[str, Any]], request: Request
) -> Answer:
    try:
        if clock.monotonic() >= request.deadline:
            raise deadline_exceeded()
        values = read(contract.request, request.payload)
        return Answer(result=write(contract.answer, method(values, request.caller)))
    except ServiceError as error:
        if error.code not in _stated_codes(contract):
            logs.event(
                log, logging.ERROR, "error_not_in_contract", method=contract.full_name, code=error.code
            )
        return Answer(error=error)
    except Exception as error:
        log.error("rpc_failed", exc_info=error, extra={"fields": {"method": contract.full_name}})
        return Answer(error=internal_error())


@functools.cache
def _stated_codes(contract: RpcMethod) -> frozenset[str]:
    return frozenset(error.code for error in (*contract.errors, *COMMON_ERRORS))


def _observe(contract: RpcMethod, answer: Answer, seconds: float) -> None:
    outcome = answer.error.category.value if answer.error else OK
    metrics.rpc_server_seconds.labels(contract.service, contract.name, outcome).observe(seconds)
    get_current_span().set_attribute(RPC_STATUS, answer.error.code if answer.error else OK)
    logs.event(
        log,
        logging.INFO,
        "rpc_answered",
        method=contract.full_name,
        outcome=answer.error.code if answer.error else OK,
        milliseconds=round(seconds * 1000, 1),
    )


def request_queue(service: str) -> Queue:
    """Where requests to a service wait; classic, since it may go."""
    return Queue(
        rpc_queue(service),
        exchange=get_rpc_exchange(),
        routing_key=f"{service}.*",
        durable=True,
        queue_arguments={"x-expires": QUEUE_EXPIRES_MS},
    )


class RpcConsumer(NamekoRpcConsumer):  # type: ignore[misc]
    """The service's one queue of requests."""

    check_name = "requests"

    def setup(self) -> None:
        self.queue = request_queue(self.container.service_name)
        broker.declare(self._declare_queue)
        self.consumer = broker.consumer([Subscription(self.queue, self.handle_message, broker.prefetch())])
        begin_at_zero(metrics.rpc_replies_dropped, service=[self.container.service_name])

    def _declare_queue(self, connection: Connection) -> None:
        try:
            self.queue(connection.channel()).declare()
        except PreconditionFailed as error:
            raise TopologyError(
                f"queue {self.queue.name} exists with other arguments: stop its processes, wait until it is "
                "gone, start again"
            ) from error

    def handle_message(self, body: Any, message: Message) -> None:
        """Hand a request to its method. Runs in the loop that reads the connection: never waits."""
        name = message.delivery_info["routing_key"].rpartition(".")[2]
        provider = next((one for one in self._providers if one.method_name == name), None)
        try:
            if provider is None:
                logs.event(log, logging.ERROR, "rpc_unknown", method=name)
                self.reply(message, Answer(error=unavailable()))
            else:
                provider.handle_message(body, message)
        except Exception as error:
            log.error("request_not_readable", exc_info=error, extra={"fields": {"method": name}})
            self.reply(message, Answer(error=internal_error()))

    def reply(self, message: Message, answer: Answer) -> None:
        """Answer and acknowledge. An answer that can't be sent is counted and dropped.

        Its request stays unacknowledged: the broker delivers it again, and idempotency makes that
        harmless.
        """
        try:
            body = answer.to_body()
        except TypeError as error:
            log.error("answer_not_json", exc_info=error)
            body = Answer(error=internal_error()).to_body()
        try:
            self.consumer.answer(message, body)
        except NotSentError:
            metrics.rpc_replies_dropped.labels(self.container.service_name).inc()
            logs.event(log, logging.WARNING, "reply_not_sent", method=message.delivery_info["routing_key"])


class Rpc(NamekoRpc):  # type: ignore[misc]
    """The entrypoint behind `rpc`."""

    rpc_consumer = RpcConsumer()

    def __init__(self, contract: RpcMethod, **kwargs: Any) -> None:
        self.contract = contract
        super().__init__(**kwargs)

    def setup(self) -> None:
        if self.contract.full_name != f"{self.container.service_name}.{self.method_name}":
            raise ConfigurationError(f"{self.method_name} serves the contract {self.contract.full_name}")
        super().setup()

    def work_span(self, request: Request) -> AbstractContextManager[Span]:
        """Goes on with the caller's trace."""
        attributes = {RPC_SYSTEM: SYSTEM_NAME, RPC_METHOD: self.contract.full_name}
        context = tracing.extract(request.caller.trace)
        return tracing.span(self.contract.full_name, SpanKind.SERVER, attributes, context=context)

    def handle_message(self, body: Any, message: Message) -> None:
        caller = Caller.from_context(decode_from_headers(message.headers))
        patience = caller.deadline_ms / 1000 if caller.deadline_ms > 0 else self.contract.deadline_seconds
        request = Request(body["args"][0], caller, clock.monotonic() + patience)
        self.container.begin(
            self,
            request,
            functools.partial(self.handle_result, message),
            functools.partial(self.rpc_consumer.consumer.abandon, message),
        )

    def handle_result(self, message: Message, worker_ctx: Any, result: Any, exc_info: Any) -> Any:
        answer = result if isinstance(result, Answer) else Answer(error=internal_error())
        self.rpc_consumer.reply(message, answer)
        error = answer.error
        return answer.result, (type(error), error, error.__traceback__) if error else None
