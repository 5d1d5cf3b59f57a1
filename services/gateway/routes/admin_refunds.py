"""admin/refunds and admin/payments: a payment with all its books, and giving it back."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.gateway.amounts import DecimalNumber
from services.gateway.audit.trail import Ask
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.presentation import presenter
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from shared.contracts import payment
from shared.contracts.declaration import RpcMethod
from shared.contracts.fields import Flag, Id
from shared.contracts.payment_refunds import preview_changed
from shared.contracts.payment_refunds_forms import (
    MOST_OF_A_REASON,
    PaymentRecordSchema,
    RefundPreviewSchema,
    RefundRecordSchema,
    RefundsSchema,
    RefundState,
)
from shared.errors import ServiceError

blueprint = Blueprint("admin_refunds", __name__, url_prefix="/admin", description="Payments and refunds")

NO_STORE = {"Cache-Control": "no-store"}
REASON = validate.Length(1, MOST_OF_A_REASON)


class RefundWishBody(Schema):
    """Either `amount`, which is taken from the service part first, or `serviceAmount` and `tipAmount`."""

    payment_id = Id(data_key="paymentId", required=True)
    amount = DecimalNumber(load_default=None, allow_none=True)
    service_amount = DecimalNumber(data_key="serviceAmount", load_default=None, allow_none=True)
    tip_amount = DecimalNumber(data_key="tipAmount", load_default=None, allow_none=True)

    @validates_schema
    def _says_how_much(self, body: Mapping[str, Any], **_options: Any) -> None:
        in_parts = body["service_amount"] is not None or body["tip_amount"] is not None
        if (body["amount"] is not None) == in_parts:
            raise ValidationError("Either this or serviceAmount and tipAmount.", "amount")


class RefundPaymentBody(RefundWishBody):
    """`previewId` is the preview's: exactly what it showed is done, or 409 `preview_changed` comes back."""

    preview_id = fields.String(data_key="previewId", required=True, validate=validate.Length(1, 100))
    reason = fields.String(required=True, validate=REASON)


class RetryRefundBody(Schema):
    """`withoutReversal`: the platform gives a blocked refund alone, and the provider owes it."""

    reason = fields.String(required=True, validate=REASON)
    without_reversal = Flag(data_key="withoutReversal", load_default=False)


class RefundsQuery(PageQuery):
    """Filters add up."""

    payment_id = Id(data_key="paymentId", load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf([one.value for one in RefundState]))


@blueprint.get("/payments/<id:payment_id>")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.answers(PaymentRecordSchema, "The payment with its refunds and its ledger.")
def inspect_payment(payment_id: str) -> Answer:
    """A payment of anybody with everything that stands in its books."""
    found = resources().services.ask(payment.INSPECT_PAYMENT, {"payment_id": payment_id})
    return Answer(found, headers=NO_STORE)


@blueprint.get("/refunds")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.query(RefundsQuery)
@blueprint.answers(RefundsSchema, "Refunds, newest first.")
def list_refunds(query: dict[str, Any]) -> Answer:
    """Refunds of everybody: what is owed, on its way, blocked, done, failed."""
    found = resources().services.ask(payment.LIST_REFUNDS, query)
    return Answer(found, limit=query["limit"], headers=NO_STORE)


@blueprint.post("/refunds/preview")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.body(RefundWishBody)
@blueprint.answers(RefundPreviewSchema, "What this refund would move.")
def preview_refund(body: dict[str, Any]) -> Answer:
    """What goes back, who bears it and what is left; hand its id on when refunding."""
    return Answer(resources().services.ask(payment.PREVIEW_REFUND, body), headers=NO_STORE)


@blueprint.post("/refunds")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.body(RefundPaymentBody)
@blueprint.answers(RefundRecordSchema, "The refund is owed and will be sent.", 201)
def refund_payment(body: dict[str, Any]) -> Answer:
    """Give a payment back as it was previewed, in whole or in part."""
    try:
        return _carried_out(payment.REFUND_PAYMENT, "payment", body["payment_id"], body["reason"], body, 201)
    except ServiceError as error:
        if preview_changed.matches(error) and "preview" in error.details:
            preview = presenter(RefundPreviewSchema)(error.details["preview"])
            raise preview_changed(preview=preview) from None
        raise


@blueprint.post("/refunds/<id:refund_id>/retry")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.body(RetryRefundBody)
@blueprint.answers(RefundRecordSchema, "The refund is owed anew and will be sent.")
def retry_refund(body: dict[str, Any], refund_id: str) -> Answer:
    """Begin a refund anew that failed, or that the provider's account could not give."""
    wanted = {"refund_id": refund_id, "without_reversal": body["without_reversal"]}
    return _carried_out(payment.RETRY_REFUND, "refund", refund_id, body["reason"], wanted, 200)


def _carried_out(
    method: RpcMethod, kind: str, object_id: str, reason: str, wanted: Mapping[str, Any], status: int
) -> Answer:
    key = idempotency_key()
    request = {**wanted, "idempotency_key": key}
    ask = Ask(action=method.full_name, object_kind=kind, object_id=object_id, reason=reason, request=request)
    done = resources().trail.carry_out(ask, lambda: resources().services.ask(method, request))
    return Answer(done, status, headers={HEADER: key} | NO_STORE)
