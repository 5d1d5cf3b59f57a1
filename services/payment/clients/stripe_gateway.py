"""The one way to Stripe: every request is checked, recorded, trimmed for the stand-in only, then sent."""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import stripe

from services.payment.clients import standin_capabilities as standin
from services.payment.clients.payment_provider import (
    ProviderError,
    Reply,
    RequestRefusedError,
)
from services.payment.clients.request_check import check_request
from services.payment.clients.request_record import Record, record_nothing
from services.payment.clients.stripe_connect import StripeConnect
from services.payment.clients.stripe_disputes import StripeDisputes
from services.payment.clients.stripe_errors import translate
from services.payment.clients.stripe_events import Period, list_events
from services.payment.clients.stripe_objects import observe
from services.payment.clients.stripe_refunds import StripeRefunds
from services.payment.clients.stripe_requests import CHARGE, StripeRequests
from services.payment.clients.stripe_spans import StripeSpan, call_span
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.observation import Observation
from services.payment.domain.webhook import ACCOUNT_EVENTS, CATCH_UP, PAYOUT_EVENTS, WebhookEvent
from services.payment.settings import Mode, PaymentSettings
from shared import clock, logs
from shared.errors import internal_error
from shared.fault_points import fault_point
from shared.telemetry import metrics

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
READ_SECONDS = 8.0
"""A customer waits for this call; what takes longer goes on in a job. The library's default is 80."""
CLOCKS_APART = timedelta(minutes=5)
PAGE = 100
MOST = 1000
"""Intents of a few minutes: at Stripe's limit of requests this is far more than there can be."""
CALL, CALLED = "before call ", "after call "
"""Fault points, with the operation: Stripe was not asked yet; it has answered and we have not noted it."""


def stripe_client(settings: PaymentSettings, http_client: stripe.HTTPClient | None = None) -> Any:
    """Stripe's client. It never repeats by itself: keys and repeats are ours (`payment_op`).

    The library's own log is closed below WARNING: it quotes what Stripe says about a card.
    """
    logging.getLogger("stripe").setLevel(logging.WARNING)
    return stripe.StripeClient(
        settings.stripe_secret_key,
        base_addresses={"api": settings.stripe_api_base} if settings.stripe_api_base else {},
        max_network_retries=0,
        http_client=http_client or stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
    )


class StripeGateway(StripeRequests):
    """A PaymentProvider. `internet` bounds how many calls may be under way at once in this process;
    `record` sees every request that is about to leave, whole, in tests."""

    def __init__(
        self,
        client: Any,
        mode: Mode,
        internet: Callable[[], AbstractContextManager[None]],
        record: Record = record_nothing,
    ) -> None:
        self._client = client
        self._record = record
        self._mode = mode
        self._internet = internet
        self.refunds = StripeRefunds(client, mode, self.call)
        self.disputes = StripeDisputes(client, mode, self.call)
        self.connect = StripeConnect(client, mode, self.call)
        self._made_cards: dict[str, str] = {}
        self._made_cards_lock = threading.Lock()

    def refuse_when_busy(self) -> None:
        with self._internet():
            """There is a place; a call takes one of its own."""

    def usable_payment_method(self, payment_method: str) -> str:
        """The name itself, but for test cards that the stand-in lacks: made there once per process."""
        params = standin.card_to_make(self._mode, payment_method)
        if params is None:
            return payment_method
        with self._made_cards_lock:
            if payment_method not in self._made_cards:
                made = self.call(
                    "create_payment_method", params, lambda sent: self._client.v1.payment_methods.create(sent)
                )
                self._made_cards[payment_method] = made.id
            return self._made_cards[payment_method]

    def not_simulated(self, request: ProviderRequest) -> tuple[str, ...]:
        return standin.unsupported(self._mode, request.operation, request.params)

    def send(self, request: ProviderRequest, key: str) -> Reply:
        intents, options = self._client.v1.payment_intents, {"idempotency_key": key}
        calls: dict[OperationKind, Callable[[dict[str, Any]], Any]] = {
            OperationKind.CREATE: lambda sent: intents.create(sent, options),
            OperationKind.CONFIRM: lambda sent: intents.confirm(request.intent_id, sent, options),
            OperationKind.CANCEL: lambda sent: intents.cancel(request.intent_id, sent, options),
            OperationKind.CAPTURE: lambda sent: intents.capture(request.intent_id, sent, options),
        }
        try:
            intent = self.call(request.operation, request.params, calls[request.operation])
        except RequestRefusedError as error:
            if error.is_missing:
                self._forget_card(request.params.get("payment_method"))
            raise
        return Reply(observe(intent), _request_id(intent))

    def retrieve(self, intent_id: str) -> Reply:
        intents = self._client.v1.payment_intents
        intent = self.call("retrieve", {"expand": CHARGE}, lambda sent: intents.retrieve(intent_id, sent))
        return Reply(observe(intent), _request_id(intent))

    def find(self, payment_id: str, created_after: datetime) -> Observation | None:
        since = int((created_after - CLOCKS_APART).timestamp())
        params = {"created": {"gte": since}, "limit": PAGE}
        listed = self.call(
            "list",
            params,
            lambda sent: list(islice(self._client.v1.payment_intents.list(sent).auto_paging_iter(), MOST)),
        )
        seen = (observe(intent) for intent in listed)
        return next((one for one in seen if one.payment_id == payment_id), None)

    def undelivered_events(self, since: datetime, until: datetime) -> list[WebhookEvent]:
        found: dict[str, WebhookEvent] = {}
        for types in CATCH_UP:
            found |= {
                one.event_id: one for one in list_events(self._client, self.call, Period(since, until), types)
            }
        return list(found.values())

    def undelivered_events_of(self, account_id: str, since: datetime, until: datetime) -> list[WebhookEvent]:
        standin.refuse_its_account(account_id, Mode.SANDBOX)
        types = ACCOUNT_EVENTS | PAYOUT_EVENTS
        found = list_events(self._client, self.call, Period(since, until), types, account_id)
        return [replace(event, account=account_id) for event in found]

    def call(self, operation: str, params: dict[str, Any], send: Callable[[dict[str, Any]], Any]) -> Any:
        """Check, record, trim for the stand-in, send: the only place from which a request leaves.

        Raises ProviderError, `unavailable`, RequestNotValidError.
        """
        check_request(operation, params)
        self._refuse_stand_in_account(params)
        self._record(operation, params)
        dropped = standin.unsupported(self._mode, operation, params)
        logs.event(
            log,
            logging.INFO,
            "stripe_request",
            operation=operation,
            parameters=sorted(params),
            not_simulated=list(dropped),
        )
        sent = {name: value for name, value in params.items() if name not in dropped}
        with call_span(operation, self._mode) as span:
            return self._measured(operation, lambda: send(sent), span)

    def _measured(self, operation: str, send: Callable[[], Any], span: StripeSpan) -> Any:
        # Until an answer is there: a call that found no free place, or whose greenlet was ended, is none.
        started, outcome = clock.monotonic(), "failed"
        try:
            with self._internet():
                fault_point(CALL + operation)
                answer = send()
                fault_point(CALLED + operation)
            outcome = "ok"
            span.answered(answer)
            return answer
        except stripe.StripeError as error:
            translated = translate(error)
            outcome = type(translated).__name__
            span.failed(error)
            _log_failure(operation, translated)
            raise translated from error
        finally:
            metrics.stripe_seconds.labels(operation, outcome).observe(clock.monotonic() - started)

    def _refuse_stand_in_account(self, params: dict[str, Any]) -> None:
        standin.refuse_its_account((params.get("transfer_data") or {}).get("destination"), self._mode)
        standin.refuse_its_account(params.get("account"), self._mode)

    def _forget_card(self, made: object) -> None:
        """The stand-in was started anew and lost the card: make it again next time."""
        with self._made_cards_lock:
            self._made_cards = {name: card for name, card in self._made_cards.items() if card != made}


def _request_id(intent: Any) -> str | None:
    response = intent.last_response
    return None if response is None else response.request_id


def _log_failure(operation: str, error: ProviderError) -> None:
    is_ours = isinstance(error, RequestRefusedError) and error.failure.code == internal_error.code
    logs.event(
        log,
        logging.ERROR if is_ours else logging.WARNING,
        "stripe_request_is_wrong" if is_ours else "stripe_failed",
        operation=operation,
        kind=type(error).__name__,
        code=error.code,
        stripe_request_id=error.request_id,
    )
