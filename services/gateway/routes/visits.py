"""provider/bookings/*: a provider's visits. Whether the caller acts for it is booking's matter."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.booking_notes import NotesBody, note
from services.gateway.routes.contract_bodies import body_of
from services.gateway.routes.lists import PageQuery
from services.gateway.routes.membership import the_provider
from shared.contracts import booking
from shared.contracts.booking_care import VisitOnSiteSchema
from shared.contracts.booking_care_forms import NotesSchema
from shared.contracts.booking_forms import BookingSchema, BookingsSchema
from shared.contracts.booking_list_forms import Visits
from shared.contracts.booking_no_show import RECORD_NO_SHOW
from shared.contracts.declaration import RpcMethod
from shared.contracts.fields import Id

blueprint = Blueprint("visits", __name__, url_prefix="/provider/bookings", description="A provider's visits")

NO_STORE = {"Cache-Control": "no-store"}


class VisitsQuery(PageQuery):
    """For which provider; may be left out by those who act for one only."""

    provider_id = Id(data_key="providerId", load_default=None)
    visits = fields.String(
        load_default=Visits.COMING.value, validate=validate.OneOf([which.value for which in Visits])
    )


class NoBody(Schema):
    """Nothing has to be said."""


OnSiteBody = body_of(VisitOnSiteSchema, "OnSiteBody", "booking_id")


class CancelVisitBody(Schema):
    """The reason is kept with the booking."""

    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


@blueprint.get("")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(VisitsQuery)
@blueprint.answers(BookingsSchema, "The provider's bookings, in order of their visits.")
def list_visits(query: dict[str, Any]) -> Answer:
    """What is to come, the next first; or what is over, the last first."""
    wanted = query | {"provider_id": the_provider(query["provider_id"])}
    answer = resources().services.ask(booking.LIST_PROVIDER_BOOKINGS, wanted)
    return Answer(answer, limit=query["limit"], headers=NO_STORE)


@blueprint.post("/<id:booking_id>/accept")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(NoBody, required=False)
@blueprint.answers(BookingSchema, "The visit will take place.")
def accept_visit(body: dict[str, Any], booking_id: str) -> Answer:
    """A paid visit that waits for the provider's answer, until `holdExpiresAt`."""
    return _say(booking.ACCEPT_BOOKING, booking_id, body)


@blueprint.post("/<id:booking_id>/decline")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(CancelVisitBody, required=False)
@blueprint.answers(BookingSchema, "The visit will not take place; the customer gets everything back.")
def decline_visit(body: dict[str, Any], booking_id: str) -> Answer:
    """A paid visit that waits for the provider's answer; the body may be left out."""
    return _say(booking.DECLINE_BOOKING, booking_id, body)


@blueprint.patch("/<id:booking_id>")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(NotesBody)
@blueprint.answers(NotesSchema, "The note is changed.")
def change_provider_notes(body: dict[str, Any], booking_id: str) -> Answer:
    """What the owner, or who does the visit, notes on it; the customer reads it too."""
    return note("provider", booking_id, body)


@blueprint.post("/<id:booking_id>/start")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(OnSiteBody, required=False)
@blueprint.answers(BookingSchema, "The visit has begun.")
def start_visit(body: dict[str, Any], booking_id: str) -> Answer:
    """From half an hour before the agreed start on; with a position it is the carer's check-in."""
    return _say(booking.START_BOOKING, booking_id, body)


@blueprint.post("/<id:booking_id>/complete")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(OnSiteBody, required=False)
@blueprint.answers(BookingSchema, "The visit took place.")
def complete_visit(body: dict[str, Any], booking_id: str) -> Answer:
    """From the agreed start on; with a position it is the carer's check-out.

    When nobody says so, the visit counts as done a day after its end.
    """
    return _say(booking.COMPLETE_BOOKING, booking_id, body)


@blueprint.post("/<id:booking_id>/no-show")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(NoBody, required=False)
@blueprint.answers(BookingSchema, "The customer was not there; they may contest it for a day.")
def record_no_show(body: dict[str, Any], booking_id: str) -> Answer:
    """From a quarter of an hour after the agreed start on."""
    return _say(RECORD_NO_SHOW, booking_id, body)


@blueprint.post("/<id:booking_id>/cancel")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(CancelVisitBody, required=False)
@blueprint.answers(BookingSchema, "The visit is cancelled; the customer gets everything back.")
def cancel_visit(body: dict[str, Any], booking_id: str) -> Answer:
    """The provider can't come; the body may be left out."""
    return _say(booking.CANCEL_FOR_PROVIDER, booking_id, body)


def _say(method: RpcMethod, booking_id: str, body: Mapping[str, Any]) -> Answer:
    key = idempotency_key()
    wanted = {**body, "booking_id": booking_id, "idempotency_key": key}
    return Answer(resources().services.ask(method, wanted), headers={HEADER: key, **NO_STORE})
