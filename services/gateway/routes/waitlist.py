"""customer/waitlist/*: waiting for a time to get free, and what is offered then."""

from typing import Any

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from services.gateway.routes.visit_wishes import WishedVisitBody
from shared.contracts import booking_waitlist as contract
from shared.contracts.booking_waitlist import WaitlistEntrySchema, WaitlistSchema
from shared.contracts.declaration import RpcMethod
from shared.contracts.fields import local_date, local_time

blueprint = Blueprint("waitlist", __name__, url_prefix="/customer/waitlist", description="Waiting lists")


class JoinWaitlistBody(WishedVisitBody):
    """A local day, and of the starts listed with it those from `from` to `to`, both included; an offer is
    made with the rest."""

    to_time = local_time(data_key="to", load_default=None, allow_none=True)
    from_time = local_time(data_key="from", load_default=None, allow_none=True)
    date = local_date(required=True)


@blueprint.post("")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(JoinWaitlistBody)
@blueprint.answers(WaitlistEntrySchema, "You are told when such a time gets free.", 201)
def join_waitlist(body: dict[str, Any]) -> Answer:
    """Stand in line; what gets free is held for the first whom it fits, until `holdExpiresAt`.

    Hours past midnight are listed with the day on which they open: without `to` all from `from` on are meant,
    these too, and `to` before `from` is one after midnight, where the provider's hours pass it.
    """
    key = idempotency_key()
    made = resources().services.ask(contract.JOIN_WAITLIST, body | {"idempotency_key": key})
    return Answer(made, 201, headers={HEADER: key})


@blueprint.get("")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.query(PageQuery)
@blueprint.answers(WaitlistSchema, "Where you wait and what you were offered, newest first.")
def list_waitlist(query: dict[str, Any]) -> Answer:
    """The caller's own entries."""
    return Answer(resources().services.ask(contract.LIST_WAITLIST, query), limit=query["limit"])


@blueprint.post("/<id:waitlist_id>/leave")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.answers(WaitlistEntrySchema, "You wait no more.")
def leave_waitlist(waitlist_id: str) -> Answer:
    """Leave the line."""
    return _tell(contract.LEAVE_WAITLIST, waitlist_id)


@blueprint.post("/<id:waitlist_id>/decline")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.answers(WaitlistEntrySchema, "The time is free for the next in line.")
def decline_offer(waitlist_id: str) -> Answer:
    """Decline what is offered."""
    return _tell(contract.DECLINE_OFFER, waitlist_id)


def _tell(method: RpcMethod, waitlist_id: str) -> Answer:
    key = idempotency_key()
    wanted = {"waitlist_id": waitlist_id, "idempotency_key": key}
    return Answer(resources().services.ask(method, wanted), headers={HEADER: key})
