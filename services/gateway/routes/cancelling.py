"""Cancelling a booking under both of its names: customer/bookings/{id}/cancel, customer/payments/refund."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.blueprint import Answer
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.presentation import presenter
from services.gateway.process import resources
from shared.contracts import booking
from shared.contracts.booking_forms import RefundQuoteSchema
from shared.errors import ServiceError


class CancelBookingBody(Schema):
    """With `refundQuoteId` exactly the quoted amounts are given back, or 409 `quote_changed`."""

    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))
    refund_quote_id = fields.String(
        data_key="refundQuoteId", load_default=None, allow_none=True, validate=validate.Length(1, 100)
    )


def cancel(booking_id: str, body: Mapping[str, Any]) -> Answer:
    """The cancelled booking with what is given back; refusals of booking, a new quote in public form."""
    key = idempotency_key()
    wanted = {
        "booking_id": booking_id,
        "reason": body["reason"],
        "refund_quote_id": body["refund_quote_id"],
        "idempotency_key": key,
    }
    try:
        return Answer(resources().services.ask(booking.CANCEL_BOOKING, wanted), headers={HEADER: key})
    except ServiceError as error:
        if booking.quote_changed.matches(error) and "quote" in error.details:
            quote = presenter(RefundQuoteSchema)(error.details["quote"])
            raise booking.quote_changed(quote=quote) from None
        raise
