"""admin/disputes: what banks dispute, what can be said about it, and saying it."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.audit.trail import Ask
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.dispute_evidence import DisputeEvidenceSchema, evidence_of
from services.gateway.routes.lists import PageQuery
from shared.contracts import payment
from shared.contracts.fields import Flag
from shared.contracts.payment_disputes_forms import (
    MOST_OF_EVIDENCE,
    DisputeDetailSchema,
    DisputesSchema,
)
from shared.contracts.payment_refunds_forms import MOST_OF_A_REASON

blueprint = Blueprint("disputes", __name__, url_prefix="/admin/disputes", description="Disputes")

NO_STORE = {"Cache-Control": "no-store"}


class DisputesQuery(PageQuery):
    """`onlyOpen`: those that are not decided."""

    only_open = fields.Boolean(data_key="onlyOpen", load_default=False, truthy={"true"}, falsy={"false"})


def _text(name: str) -> fields.String:
    return fields.String(data_key=name, load_default=None, validate=validate.Length(1, MOST_OF_EVIDENCE))


class EvidenceTextsBody(Schema):
    """What the bank is told; what is left out stays as it is at Stripe."""

    product_description = _text("productDescription")
    service_date = _text("serviceDate")
    refund_policy_disclosure = _text("refundPolicyDisclosure")
    cancellation_policy_disclosure = _text("cancellationPolicyDisclosure")
    refund_refusal_explanation = _text("refundRefusalExplanation")
    uncategorized_text = _text("uncategorizedText")


class SubmitEvidenceBody(Schema):
    """`submit`: the bank gets it, once and for all; else Stripe keeps it until then."""

    most_bytes = 512 * 1024
    """Six texts of the most that Stripe takes, in Arabic; other bodies are much shorter."""

    evidence = fields.Nested(EvidenceTextsBody, required=True)
    submit = Flag(load_default=True)
    reason = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_REASON))


@blueprint.get("")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.query(DisputesQuery)
@blueprint.answers(DisputesSchema, "Disputes, newest first.")
def list_disputes(query: dict[str, Any]) -> Answer:
    """Disputes of everybody, each with its state and what it took."""
    found = resources().services.ask(payment.LIST_DISPUTES, query)
    return Answer(found, limit=query["limit"], headers=NO_STORE)


@blueprint.get("/<foreign_id:dispute_id>")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.answers(DisputeDetailSchema, "The dispute with its money and what was asked of Stripe.")
def get_dispute(dispute_id: str) -> Answer:
    """A dispute by Stripe's id."""
    found = resources().services.ask(payment.GET_DISPUTE, {"dispute_id": dispute_id})
    return Answer(found, headers=NO_STORE)


@blueprint.get("/<foreign_id:dispute_id>/evidence")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.answers(DisputeEvidenceSchema, "What is known, and texts made of it.")
def get_dispute_evidence(dispute_id: str) -> Answer:
    """What was shown, agreed, done and given back, gathered from payment and booking."""
    return Answer(evidence_of(dispute_id), headers=NO_STORE)


@blueprint.post("/<foreign_id:dispute_id>/evidence")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.body(SubmitEvidenceBody)
@blueprint.answers(DisputeDetailSchema, "Stripe has it.")
def submit_dispute_evidence(body: dict[str, Any], dispute_id: str) -> Answer:
    """Hand evidence to Stripe, and with `submit` to the bank."""
    key, method = idempotency_key(), payment.SUBMIT_DISPUTE_EVIDENCE
    request = {**body, "dispute_id": dispute_id, "idempotency_key": key}
    ask = Ask(
        action=method.full_name,
        object_kind="dispute",
        object_id=dispute_id,
        reason=body["reason"],
        request=request,
    )
    done = resources().trail.carry_out(ask, lambda: resources().services.ask(method, request))
    return Answer(done, headers={HEADER: key} | NO_STORE)
