"""calendar/*: the private address of a person's visits, and what a calendar program reads there."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from services.gateway import context
from services.gateway.accounts.store.accounts import Account
from services.gateway.accounts.store.calendar_feeds import Feed
from services.gateway.accounts.tokens import Principal
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.process import resources
from services.gateway.routes.calendar_files import CONTENT_TYPE, feed
from shared.contracts import booking
from shared.contracts.booking_visit_forms import MOST_WORKPLACES
from shared.contracts.fields import Instant

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar", description="Calendar programs")

NO_STORE = {"Cache-Control": "no-store"}


class FeedSchema(Schema):
    """Whether there is a private address, since when, when it was last read (to a day), and until when it
    lasts if nobody reads it."""

    active = fields.Boolean(required=True)
    created_at = Instant(required=True, allow_none=True)
    read_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True)


class OpenedFeedSchema(FeedSchema):
    """`path` is told this once. Whoever has it reads the visits: replace the address when it got about."""

    path = fields.String(required=True)


@blueprint.get("/feed")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.answers(FeedSchema, "Your calendar's private address.")
def get_feed() -> Answer:
    """Whether the caller's calendar can be read under a private address."""
    return Answer(_view(resources().calendar_feeds.find(_caller_id())), headers=NO_STORE)


@blueprint.post("/feed")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.answers(OpenedFeedSchema, "Give this address to your calendar program and to nobody else.", 201)
def open_feed() -> Answer:
    """A new private address; the one before ends at once."""
    opened, token = resources().calendar_feeds.open(_caller_id())
    path = f"/api/v1/calendar/{token}.ics"
    return Answer(_view(opened) | {"path": path}, 201, headers=NO_STORE)


@blueprint.delete("/feed")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.answers(FeedSchema, "Your calendar has no private address.")
def close_feed() -> Answer:
    """End the private address; harmless to repeat."""
    resources().calendar_feeds.close(_caller_id())
    return Answer(_view(None), headers=NO_STORE)


@blueprint.get("/<secret>.ics")
@declares(Access.ANYONE, Budget.FEED)
@blueprint.sends(CONTENT_TYPE, "The visits of whoever owns this address, as iCalendar (RFC 5545).")
def read_feed(secret: str) -> Response:
    """What a calendar program reads: the address is all that it has to show."""
    account = resources().calendar_feeds.reader(secret)
    current = context.current()
    resources().limits.check(Budget.FEED, account.id, current.client_address)
    current.principal = _principal(account)
    return feed(_visits(account), _language(account))


def _caller_id() -> str:
    return context.current().caller().user_id


def _visits(account: Account) -> list[dict[str, Any]]:
    """In order of their start, each once, at however many workplaces: every answer has the own ones too."""
    workplaces = [
        {"provider_id": member.provider_id, "staff_id": member.staff_id} for member in account.workplaces
    ]
    found: dict[str, dict[str, Any]] = {}
    for first in range(0, max(1, len(workplaces)), MOST_WORKPLACES):
        asked = {"workplaces": workplaces[first : first + MOST_WORKPLACES]}
        answer = resources().services.ask(booking.LIST_VISITS, asked)
        found |= {visit["visit_id"]: visit for visit in answer["visits"]}
    return sorted(found.values(), key=lambda visit: (visit["starts_at"], visit["visit_id"]))


def _principal(account: Account) -> Principal:
    """Who asks, for booking, which decides what it may see; there is no session."""
    return Principal(
        user_id=account.id,
        session_id="",
        roles=account.roles,
        memberships=tuple(member.provider_id for member in account.memberships),
        locale=account.locale,
        token_version=account.token_version,
        expires_at=account.created_at,
        posts=account.posts,
    )


def _language(account: Account) -> str:
    return account.locale if account.locale in context.LANGUAGES else context.LANGUAGES[0]


def _view(found: Feed | None) -> dict[str, Any]:
    return {
        "active": found is not None,
        "created_at": found and found.created_at,
        "read_at": found and found.read_at,
        "expires_at": found and found.expires_at,
    }
