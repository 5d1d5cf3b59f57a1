"""The public face of notify: each person's inbox."""

from marshmallow import Schema, fields, validate

from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.contracts.fields import Id, Instant, PageRequestSchema, TextsSchema
from shared.errors import ErrorCode

SERVICE = "notify"
KINDS = (
    "booking_held",
    "booking_answer_due",
    "booking_payment_due",
    "booking_confirmed",
    "booking_rescheduled",
    "booking_cancelled",
    "booking_expired",
    "booking_no_show",
    "booking_contested",
    "booking_no_show_stands",
    "payment_refunded",
    "payment_refund_failed",
    "payment_captured",
)


class ListNotificationsRequestSchema(PageRequestSchema):
    """The caller's inbox, newest first."""

    unread_only = fields.Boolean(load_default=False)


class NotificationSchema(Schema):
    """One entry. `text` is ready to show; times in it are in the visit's zone, which it names."""

    notification_id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    booking_id = Id(required=True)
    provider_id = Id(required=True)
    text = fields.Nested(TextsSchema, required=True)
    starts_at = Instant(required=True)
    read = fields.Boolean(required=True)
    created_at = Instant(required=True)


class NotificationsSchema(Schema):
    notifications = fields.List(fields.Nested(NotificationSchema), required=True)
    unread = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


class MarkReadRequestSchema(Schema):
    """Ids of the caller's own entries; another's are left alone."""

    notification_ids = fields.List(Id(), required=True, validate=validate.Length(1, 100))


class MarkReadAnswerSchema(Schema):
    unread = fields.Integer(required=True)


LIST_NOTIFICATIONS = RpcMethod(
    SERVICE,
    "list_notifications",
    MethodKind.QUESTION,
    ListNotificationsRequestSchema,
    NotificationsSchema,
)
MARK_READ = RpcMethod(SERVICE, "mark_read", MethodKind.COMMAND, MarkReadRequestSchema, MarkReadAnswerSchema)
METHODS = (LIST_NOTIFICATIONS, MARK_READ)
EVENTS: tuple[EventType, ...] = ()
ERRORS: tuple[ErrorCode, ...] = ()
