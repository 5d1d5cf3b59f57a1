"""Both sides' notes on a booking: PATCH customer/bookings/{id} and provider/bookings/{id}."""

from collections.abc import Mapping
from typing import Any

from services.gateway.blueprint import Answer
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.contract_bodies import body_of
from shared.contracts import booking
from shared.contracts.booking_care_forms import ChangeNotesRequestSchema

NotesBody = body_of(ChangeNotesRequestSchema, "NotesBody", "booking_id", "side")


def note(side: str, booking_id: str, body: Mapping[str, Any]) -> Answer:
    """NotesSchema; whether the caller may say it is booking's matter."""
    key = idempotency_key()
    wanted = {**body, "booking_id": booking_id, "side": side, "idempotency_key": key}
    answer = resources().services.ask(booking.CHANGE_NOTES, wanted)
    return Answer(answer, headers={HEADER: key, "Cache-Control": "no-store"})
