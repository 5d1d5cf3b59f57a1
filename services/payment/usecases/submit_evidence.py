"""Hands an administrator's evidence to Stripe: written down first, then sent under its key (rule M14)."""

from typing import Any

from sqlalchemy import Connection

from services.payment.clients.payment_provider import OutcomeUnknownError, ProviderError, RequestRefusedError
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.store import disputes, operations
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Operation
from services.payment.usecases.administrator import administrator_of
from services.payment.usecases.claims import claimed_until
from services.payment.usecases.desk import Desk
from services.payment.usecases.disputes import apply_dispute
from services.payment.usecases.inspect_disputes import detail_view
from shared.contracts.declaration import Caller
from shared.contracts.payment_disputes import SUBMIT_DISPUTE_EVIDENCE, dispute_closed, evidence_refused
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import read_app_now
from shared.errors import (
    idempotency_key_reused,
    invalid_field,
    outcome_unknown,
    request_in_progress,
    unavailable,
)

CARRIED_OUT, REFUSED = "ok", "failed"


def submit_evidence(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Give Stripe what the bank is to be told, once per key (DisputeDetailSchema).

    A repeat of the request goes on from where it stands, under the same key at Stripe. Raises `not_found`,
    `dispute_closed`, `evidence_refused`, `idempotency_key_reused`, `request_in_progress`,
    `outcome_unknown` when Stripe may have it, and `unavailable` when it has not.
    """
    administrator_of(caller)
    evidence = {name: text for name, text in request["evidence"].items() if text is not None}
    if not evidence:
        raise invalid_field("evidence", "Say something.")
    asked = desk.open_disputes().evidence_request(evidence, submit=request["submit"])
    with desk.transaction() as connection:
        operation = _claim(connection, request, asked, caller)
    if operation.state not in (CARRIED_OUT, REFUSED):
        _send(desk, request["dispute_id"], operation)
    if operation.state == REFUSED:
        raise evidence_refused(reason=operation.error_code)
    with desk.transaction() as connection:
        return detail_view(connection, disputes.by_id(connection, request["dispute_id"]))


def _claim(
    connection: Connection, request: dict[str, Any], asked: ProviderRequest, caller: Caller
) -> Operation:
    dispute = disputes.by_id(connection, request["dispute_id"])
    payment = lock_payment(connection, dispute.payment_id)
    key = IdempotentRequest.of(SUBMIT_DISPUTE_EVIDENCE, caller, request)
    now = read_app_now(connection)
    known = operations.by_command(connection, key.lock_number)
    if known is not None:
        if known.dispute_id != dispute.id or known.params != asked.params:
            raise idempotency_key_reused()
        if operations.is_claimed(connection, payment.id, now):
            raise request_in_progress()
        operation = known
    else:
        if not disputes.by_id(connection, dispute.id).is_open:
            raise dispute_closed(dispute_id=dispute.id)
        attempt = len(operations.of_payment(connection, payment.id, OperationKind.SUBMIT_EVIDENCE)) + 1
        operation = operations.add(
            connection, payment.id, asked, attempt, of_dispute=(dispute.id, key.lock_number)
        )
    if operation.state not in (CARRIED_OUT, REFUSED):
        operations.claim(connection, operation.id, claimed_until(now))
    return operation


def _send(desk: Desk, dispute_id: str, operation: Operation) -> None:
    request = ProviderRequest(OperationKind.SUBMIT_EVIDENCE, None, operation.params)
    try:
        seen = desk.open_disputes().send_evidence(dispute_id, request, operation.idem_key)
    except RequestRefusedError as error:
        _close(desk, operation, REFUSED, error.request_id, error.code)
        raise evidence_refused(reason=error.code) from error
    except OutcomeUnknownError as error:
        _close(desk, operation, "unknown", error.request_id, error.code)
        raise outcome_unknown() from error
    except ProviderError as error:
        _close(desk, operation, "unknown", error.request_id, error.code)
        raise unavailable() from error
    with desk.transaction() as connection:
        lock_payment(connection, operation.payment_id)
        operations.close(connection, operation.id, CARRIED_OUT)
        apply_dispute(connection, operation.payment_id, seen, read_app_now(connection))


def _close(desk: Desk, operation: Operation, state: str, request_id: str | None, code: str) -> None:
    with desk.transaction() as connection:
        lock_payment(connection, operation.payment_id)
        operations.close(connection, operation.id, state, request_id, code)
