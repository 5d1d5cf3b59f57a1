"""Who receives the care, where a home visit is, and that the carer was there: what is said of it."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import Flag, Id, Instant, idempotency_key

MOST_LINES = 5
MOST_OF_A_LINE = 200
MOST_OF_NOTES = 2000
EARLIEST_BIRTH, LATEST_BIRTH = 1900, 2100
MOST_ACCURACY_METRES = 100_000


def _latitude() -> fields.Float:
    return fields.Float(required=True, validate=validate.Range(-90, 90))


def _longitude() -> fields.Float:
    return fields.Float(required=True, validate=validate.Range(-180, 180))


def _text(most: int) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(1, most))


def notes_field() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(max=MOST_OF_NOTES))


class RecipientSchema(Schema):
    """Who receives the care when it is not who books: `relation` to the customer in the customer's words,
    `notes` for the carer, `phone` at which somebody is reached during the visit."""

    name = fields.String(required=True, validate=validate.Length(1, 200))
    relation = _text(100)
    birth_year = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(EARLIEST_BIRTH, LATEST_BIRTH),
    )
    phone = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^\+?[0-9 ()./-]{4,30}\Z")
    )
    notes = notes_field()


class AddressSchema(Schema):
    """Where a home visit is: `lines` as one writes them on a letter, and the point in WGS 84 degrees."""

    lines = fields.List(
        fields.String(validate=validate.Length(1, MOST_OF_A_LINE)),
        required=True,
        validate=validate.Length(1, MOST_LINES),
    )
    city = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_LINE))
    latitude = _latitude()
    longitude = _longitude()


class ShownAddressSchema(Schema):
    """An address for whoever may see it; for others, and before the visit is agreed, the city alone."""

    lines = fields.List(fields.String(), required=True, allow_none=True)
    city = fields.String(required=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)


class PositionSchema(Schema):
    """Where a device says that it is, right to so many metres; in WGS 84 degrees."""

    latitude = _latitude()
    longitude = _longitude()
    accuracy_m = fields.Float(
        load_default=None, allow_none=True, validate=validate.Range(0, MOST_ACCURACY_METRES)
    )


class PresenceSchema(Schema):
    """When the carer came or went, and how far from the address that was said.

    `far`: farther than the platform takes for being there. Without a position, or of a visit without an
    address, no distance is known. `position` is told to the provider's owner only.
    """

    at = Instant(required=True)
    distance_m = fields.Integer(required=True, allow_none=True)
    far = Flag(required=True, allow_none=True)
    position = fields.Nested(PositionSchema, required=True, allow_none=True)


class ChangeNotesRequestSchema(Schema):
    """The note of the one side, or none any more; both sides read both."""

    booking_id = Id(required=True)
    side = fields.String(required=True, validate=validate.OneOf(["customer", "provider"]))
    notes = fields.String(required=True, allow_none=True, validate=validate.Length(max=MOST_OF_NOTES))
    idempotency_key = idempotency_key()


class NotesSchema(Schema):
    """What both sides have noted on a booking, as of this version of it."""

    booking_id = Id(required=True)
    version = fields.Integer(required=True)
    notes = fields.String(required=True, allow_none=True)
    provider_notes = fields.String(required=True, allow_none=True)
