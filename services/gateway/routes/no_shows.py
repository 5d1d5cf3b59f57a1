"""A visit that was missed by its provider's word: its customer contests that, an administrator decides."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.audit.trail import Ask
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from shared.contracts.booking_forms import BookingSchema
from shared.contracts.booking_no_show import (
    CONTEST_NO_SHOW,
    DECIDE_NO_SHOW,
    LIST_OPEN_CONTESTS,
    MOST_OF_A_REASON,
    OpenContestsSchema,
)

blueprint = Blueprint("no_shows", __name__, description="Visits that were missed")

NO_STORE = {"Cache-Control": "no-store"}


class ContestBody(Schema):
    """The provider and who decides may read the reason."""

    reason = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_REASON))


class DecideBody(ContestBody):
    """`overturned`: everything goes back. Both sides may read the reason."""

    outcome = fields.String(required=True, validate=validate.OneOf(("stands", "overturned")))


@blueprint.post("/customer/bookings/<id:booking_id>/contest")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(ContestBody)
@blueprint.answers(BookingSchema, "An administrator will decide; until then the money waits.")
def contest_no_show(body: dict[str, Any], booking_id: str) -> Answer:
    """Say that you were there, until `contestUntil`."""
    key = idempotency_key()
    request = {**body, "booking_id": booking_id, "idempotency_key": key}
    return Answer(resources().services.ask(CONTEST_NO_SHOW, request), headers={HEADER: key, **NO_STORE})


@blueprint.get("/admin/bookings/contests")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.query(PageQuery)
@blueprint.answers(OpenContestsSchema, "Open contests; that of the visit missed the longest ago first.")
def list_open_contests(query: dict[str, Any]) -> Answer:
    """Contested no-shows of everybody that wait for a decision."""
    found = resources().services.ask(LIST_OPEN_CONTESTS, query)
    return Answer(found, limit=query["limit"], headers=NO_STORE)


@blueprint.post("/admin/bookings/<id:booking_id>/contest/decide")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.body(DecideBody)
@blueprint.answers(BookingSchema, "It is decided.")
def decide_no_show(body: dict[str, Any], booking_id: str) -> Answer:
    """Let a contested no-show stand, or overturn it."""
    key = idempotency_key()
    request = {**body, "booking_id": booking_id, "idempotency_key": key}
    ask = Ask(
        action=DECIDE_NO_SHOW.full_name,
        object_kind="booking",
        object_id=booking_id,
        reason=body["reason"],
        request=request,
    )
    done = resources().trail.carry_out(ask, lambda: resources().services.ask(DECIDE_NO_SHOW, request))
    return Answer(done, headers={HEADER: key, **NO_STORE})
