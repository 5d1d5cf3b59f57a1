"""admin/audit: who did what, on which object, why, and what came of it."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.audit.store.entries import Filter, Outcome
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.presentation import public_value
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from shared.contracts.fields import Id, Instant
from shared.cursors import read_cursor, write_cursor

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit", description="Audit of administrators")

NO_STORE = {"Cache-Control": "no-store"}
PLACE = (datetime, str)
FILTERS = ("actor_id", "action", "object_id", "since", "until")


class AuditQuery(PageQuery):
    """Filters add up; `until` is not included."""

    actor_id = Id(data_key="actorId", load_default=None)
    action = fields.String(load_default=None, validate=validate.Length(1, 100))
    object_id = fields.String(data_key="objectId", load_default=None, validate=validate.Length(1, 100))
    since = Instant(load_default=None)
    until = Instant(load_default=None)


class AuditEntrySchema(Schema):
    """One command. `outcome` is `asked` while nothing is known of it: it runs, or its process died.
    `unknown`: no answer came in time; the object says whether it was done."""

    entry_id = Id(required=True)
    asked_at = Instant(required=True)
    actor_id = Id(required=True)
    actor_name = fields.String(required=True, allow_none=True)
    client_address = fields.String(required=True)
    action = fields.String(required=True)
    object_kind = fields.String(required=True)
    object_id = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    request = fields.Dict(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf([one.value for one in Outcome]))
    ended_at = Instant(required=True, allow_none=True)
    result = fields.Dict(required=True, allow_none=True)
    request_id = fields.String(required=True)


class AuditSchema(Schema):
    entries = fields.List(fields.Nested(AuditEntrySchema), required=True)
    next = fields.String(required=True, allow_none=True)


@blueprint.get("")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.query(AuditQuery)
@blueprint.answers(AuditSchema, "What administrators did, newest first.")
def list_audit(query: dict[str, Any]) -> Answer:
    """Commands of administrators with their reasons and outcomes."""
    wanted = Filter(**{name: query[name] for name in FILTERS})
    of_list = ("list_audit", *(query[name] for name in FILTERS))
    before = None if query["cursor"] is None else read_cursor(query["cursor"], of_list, PLACE)
    limit = query["limit"]
    found = resources().trail.page(wanted, before, limit + 1)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    following = write_cursor(of_list, (last["asked_at"], last["entry_id"])) if last else None
    entries = [
        entry | {"request": public_value(entry["request"]), "result": public_value(entry["result"])}
        for entry in page
    ]
    return Answer({"entries": entries, "next": following}, limit=limit, headers=NO_STORE)
