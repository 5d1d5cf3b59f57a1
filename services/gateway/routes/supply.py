"""provider/*: what a provider has to give. Whether the caller may change it is booking's matter."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from services.gateway.routes.membership import the_provider
from services.gateway.routes.supply_bodies import (
    HoursBody,
    RemoveBody,
    ResourceBody,
    RulesBody,
    ServiceRulesBody,
    StaffBody,
    TimeOffBody,
)
from shared.contracts import booking
from shared.contracts.booking_supply_answers import SupplyChangedSchema, SupplyChangesSchema, SupplySchema
from shared.contracts.declaration import RpcMethod
from shared.contracts.fields import Id

blueprint = Blueprint("supply", __name__, url_prefix="/provider", description="What a provider has to give")

NO_STORE = {"Cache-Control": "no-store"}
CHANGED = "It is changed."


class ProviderQuery(Schema):
    """For which provider; may be left out by those who act for one only."""

    provider_id = Id(data_key="providerId", load_default=None)


class HistoryQuery(PageQuery, ProviderQuery):
    """A page of one provider's changes."""


@blueprint.get("/schedule")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(ProviderQuery)
@blueprint.answers(SupplySchema, "What the provider has to give.")
def get_schedule(query: dict[str, Any]) -> Answer:
    """Hours, rules, services, staff, rooms and equipment, time off."""
    wanted = {"provider_id": the_provider(query["provider_id"])}
    return Answer(resources().services.ask(booking.GET_SUPPLY, wanted), headers=NO_STORE)


@blueprint.get("/schedule/history")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(HistoryQuery)
@blueprint.answers(SupplyChangesSchema, "What was changed, the last first.")
def list_changes(query: dict[str, Any]) -> Answer:
    """Who has changed what a provider has to give, when, and why an administrator did; for the owner."""
    wanted = query | {"provider_id": the_provider(query["provider_id"])}
    answer = resources().services.ask(booking.LIST_SUPPLY_CHANGES, wanted)
    return Answer(answer, limit=query["limit"], headers=NO_STORE)


@blueprint.post("/schedule/hours")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(HoursBody)
@blueprint.answers(SupplyChangedSchema, CHANGED)
def change_hours(body: dict[str, Any]) -> Answer:
    """Replace the hours of all, of a member of staff, of a service, or of one for the other."""
    return _change(booking.CHANGE_HOURS, body)


@blueprint.post("/schedule/rules")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(RulesBody)
@blueprint.answers(SupplyChangedSchema, CHANGED)
def change_rules(body: dict[str, Any]) -> Answer:
    """Change the grid, the notice, the window, the buffers, the country of holidays."""
    return _change(booking.CHANGE_RULES, body)


@blueprint.post("/services/<id:service_id>/rules")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(ServiceRulesBody)
@blueprint.answers(SupplyChangedSchema, CHANGED)
def change_service_rules(body: dict[str, Any], service_id: str) -> Answer:
    """Replace the rules of a service: capacity, people, caps, places, what it needs."""
    return _change(booking.CHANGE_SERVICE_RULES, body | {"service_id": service_id})


@blueprint.post("/staff")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(StaffBody)
@blueprint.answers(SupplyChangedSchema, "The member of staff is there.", 201)
def add_staff(body: dict[str, Any]) -> Answer:
    """A new member of staff."""
    return _change(booking.PUT_STAFF, body | {"staff_id": None}, 201)


@blueprint.post("/staff/<id:staff_id>")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(StaffBody)
@blueprint.answers(SupplyChangedSchema, CHANGED)
def change_staff(body: dict[str, Any], staff_id: str) -> Answer:
    """Replace a member of staff; one who is not active takes no new visits."""
    return _change(booking.PUT_STAFF, body | {"staff_id": staff_id})


@blueprint.post("/resources")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(ResourceBody)
@blueprint.answers(SupplyChangedSchema, "The resource is there.", 201)
def add_resource(body: dict[str, Any]) -> Answer:
    """New rooms or equipment of one kind."""
    return _change(booking.PUT_RESOURCE, body | {"resource_id": None}, 201)


@blueprint.post("/resources/<id:resource_id>")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(ResourceBody)
@blueprint.answers(SupplyChangedSchema, CHANGED)
def change_resource(body: dict[str, Any], resource_id: str) -> Answer:
    """Replace a resource; units that are not named are used no more."""
    return _change(booking.PUT_RESOURCE, body | {"resource_id": resource_id})


@blueprint.post("/time-off")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(TimeOffBody)
@blueprint.answers(SupplyChangedSchema, "The time off is there.", 201)
def add_time_off(body: dict[str, Any]) -> Answer:
    """Somebody, or everybody, is away."""
    return _change(booking.ADD_TIME_OFF, body, 201)


@blueprint.post("/time-off/<id:time_off_id>/remove")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(RemoveBody, required=False)
@blueprint.answers(SupplyChangedSchema, "The time off is gone.")
def remove_time_off(body: dict[str, Any], time_off_id: str) -> Answer:
    """They are not away after all; the body may be left out."""
    return _change(booking.REMOVE_TIME_OFF, body | {"time_off_id": time_off_id})


def _change(method: RpcMethod, body: Mapping[str, Any], status: int = 200) -> Answer:
    key = idempotency_key()
    wanted = {**body, "provider_id": the_provider(body["provider_id"]), "idempotency_key": key}
    return Answer(resources().services.ask(method, wanted), status, headers={HEADER: key, **NO_STORE})
