"""What asking for a provider's bookings looks like."""

from enum import StrEnum

from marshmallow import fields, validate

from shared.contracts.fields import Id, PageRequestSchema


class Visits(StrEnum):
    """Which of a provider's visits: not ended, the next first; or ended, the last first."""

    COMING = "coming"
    PAST = "past"


class ListProviderBookingsRequestSchema(PageRequestSchema):
    """A provider's bookings in order of their visits."""

    provider_id = Id(required=True)
    visits = fields.String(
        load_default=Visits.COMING.value, validate=validate.OneOf([which.value for which in Visits])
    )
