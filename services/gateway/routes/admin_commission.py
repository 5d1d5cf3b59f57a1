"""admin/policies/commission: sets of commission rules, and what new ones would have made of past payments."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.amounts import DecimalNumber
from services.gateway.audit.trail import Ask
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from shared.clock import to_text
from shared.contracts import payment_books as contract
from shared.contracts.declaration import write
from shared.contracts.fields import Id, Instant, local_date
from shared.contracts.payment_books_forms import (
    MOST_LINES,
    CommissionPreviewSchema,
    CommissionRulesListSchema,
    CommissionRulesSchema,
)

blueprint = Blueprint(
    "commission", __name__, url_prefix="/admin/policies/commission", description="Commission rules"
)

NO_STORE = {"Cache-Control": "no-store"}


class LineBody(Schema):
    """`rate` is a share, 0.08 for 8 %."""

    provider_id = Id(data_key="providerId", load_default=None, allow_none=True)
    category = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    from_bookings = fields.Integer(data_key="fromBookings", load_default=0, strict=True)
    rate = DecimalNumber(required=True)


class TermsBody(Schema):
    """Of the lines that match, who names the provider is first, then the category, then the highest tier."""

    default_rate = DecimalNumber(data_key="defaultRate", required=True)
    lines = fields.List(fields.Nested(LineBody), load_default=list, validate=validate.Length(0, MOST_LINES))


class ProposeBody(TermsBody):
    """`validFrom` lies in the future."""

    valid_from = Instant(data_key="validFrom", required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class PreviewBody(TermsBody):
    """Days of the operator's zone, both included."""

    from_date = local_date(data_key="from", required=True)
    to_date = local_date(data_key="to", required=True)


@blueprint.get("")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.query(PageQuery)
@blueprint.answers(CommissionRulesListSchema, "Every set of rules, the newest first.")
def list_commission_rules(query: dict[str, Any]) -> Answer:
    """What was valid when, by whom and why; what is valid next."""
    found = resources().services.ask(contract.LIST_COMMISSION_RULES, query)
    return Answer(found, limit=query["limit"], headers=NO_STORE)


@blueprint.post("")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.body(ProposeBody)
@blueprint.answers(CommissionRulesSchema, "The set of rules stands.", 201)
def propose_commission_rules(body: dict[str, Any]) -> Answer:
    """A new set, for prices quoted from an instant in the future on; it can't be changed, only followed."""
    key, method = idempotency_key(), contract.PROPOSE_COMMISSION_RULES
    request = body | {"idempotency_key": key}
    ask = Ask(
        action=method.full_name,
        object_kind="commission_rules",
        object_id=to_text(body["valid_from"]),
        reason=body["reason"],
        request=method.request().dump(request),
    )
    made = resources().trail.carry_out(
        ask, lambda: write(method.answer, resources().services.ask(method, request))
    )
    return Answer(made, 201, headers={HEADER: key, **NO_STORE})


@blueprint.post("/preview")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.body(PreviewBody)
@blueprint.answers(CommissionPreviewSchema, "What these terms would have kept.")
def preview_commission_rules(body: dict[str, Any]) -> Answer:
    """Terms tried on the payments that were captured in some days; nothing is stored."""
    return Answer(resources().services.ask(contract.PREVIEW_COMMISSION_RULES, body), headers=NO_STORE)
