"""admin/webhooks: what Stripe told us, what became of it, and working it again."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.audit.trail import Ask
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from shared.contracts import payment
from shared.contracts.payment_disputes_forms import WebhookOutcome, WebhookRecordSchema, WebhooksSchema
from shared.contracts.payment_refunds_forms import MOST_OF_A_REASON

blueprint = Blueprint("webhooks", __name__, url_prefix="/admin/webhooks", description="Stripe's webhooks")

NO_STORE = {"Cache-Control": "no-store"}


class WebhooksQuery(PageQuery):
    """Of one outcome or of all."""

    outcome = fields.String(load_default=None, validate=validate.OneOf([one.value for one in WebhookOutcome]))


class ReplayBody(Schema):
    reason = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_REASON))


@blueprint.get("")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.query(WebhooksQuery)
@blueprint.answers(WebhooksSchema, "Webhooks, newest first.")
def list_webhooks(query: dict[str, Any]) -> Answer:
    """Webhooks of both endpoints as they were kept; their payloads are not."""
    found = resources().services.ask(payment.LIST_WEBHOOKS, query)
    return Answer(found, limit=query["limit"], headers=NO_STORE)


@blueprint.post("/<foreign_id:event_id>/replay")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.body(ReplayBody)
@blueprint.answers(WebhookRecordSchema, "A job works it again.")
def replay_webhook(body: dict[str, Any], event_id: str) -> Answer:
    """Look once more at what a webhook speaks of."""
    key, method = idempotency_key(), payment.REPLAY_WEBHOOK
    request = {"event_id": event_id, "idempotency_key": key}
    ask = Ask(
        action=method.full_name,
        object_kind="webhook",
        object_id=event_id,
        reason=body["reason"],
        request=request,
    )
    done = resources().trail.carry_out(ask, lambda: resources().services.ask(method, request))
    return Answer(done, headers={HEADER: key} | NO_STORE)
