"""The part of booking's public face about home visits: who receives care where, and both sides' notes."""

from marshmallow import fields

from shared.contracts.booking_care_forms import (
    ChangeNotesRequestSchema,
    NotesSchema,
    PositionSchema,
    PresenceSchema,
    RecipientSchema,
    ShownAddressSchema,
)
from shared.contracts.booking_forms import BookingSchema, VisitCommandSchema
from shared.contracts.booking_supply import SERVICE
from shared.contracts.declaration import MethodKind, RpcMethod
from shared.errors import Category, ErrorCode, forbidden

notes_closed = ErrorCode("notes_closed", Category.CONFLICT, "This note can't be changed any more.")


class BookingDetailSchema(BookingSchema):
    """A booking with what only those who are concerned see of it, each as far as the caller may.

    `recipient` and `address` for the customer, the provider's owner and the staff who do it; for the last
    two the address and the phone from the confirmation on. Events never carry them.
    """

    recipient = fields.Nested(RecipientSchema, load_default=None, allow_none=True)
    address = fields.Nested(ShownAddressSchema, load_default=None, allow_none=True)
    provider_notes = fields.String(load_default=None, allow_none=True)
    check_in = fields.Nested(PresenceSchema, load_default=None, allow_none=True)
    check_out = fields.Nested(PresenceSchema, load_default=None, allow_none=True)


class VisitOnSiteSchema(VisitCommandSchema):
    """And where the carer is who says so: that is the visit's check-in, or its check-out."""

    position = fields.Nested(PositionSchema, load_default=None, allow_none=True)


CHANGE_NOTES = RpcMethod(
    SERVICE,
    "change_notes",
    MethodKind.COMMAND,
    ChangeNotesRequestSchema,
    NotesSchema,
    (forbidden, notes_closed),
)
"""A customer's note until the visit is over, a provider's (its owner's, or who does the visit) from the
confirmation on."""
CARE_METHODS = (CHANGE_NOTES,)
CARE_ERRORS = (notes_closed,)
