"""notifications: the caller's inbox."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from shared.contracts import notify
from shared.contracts.fields import Id

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications", description="Inbox")


class InboxQuery(PageQuery):
    unread_only = fields.Boolean(data_key="unreadOnly", load_default=False, truthy={"true"}, falsy={"false"})


class MarkReadBody(Schema):
    """Ids of the caller's own entries; another's are left alone."""

    notification_ids = fields.List(
        Id(), data_key="notificationIds", required=True, validate=validate.Length(1, 100)
    )


@blueprint.get("")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(InboxQuery)
@blueprint.answers(notify.NotificationsSchema, "Your notifications, newest first.")
def list_notifications(query: dict[str, Any]) -> Answer:
    """The caller's inbox, with the number of unread entries."""
    return Answer(resources().services.ask(notify.LIST_NOTIFICATIONS, query), limit=query["limit"])


@blueprint.post("/read")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(MarkReadBody)
@blueprint.answers(notify.MarkReadAnswerSchema, "Marked as read.")
def mark_read(body: dict[str, Any]) -> Answer:
    """Mark entries as read; harmless to repeat."""
    return Answer(resources().services.ask(notify.MARK_READ, body))
