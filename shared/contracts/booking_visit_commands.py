"""The part of booking's public face with which providers say what has become of a visit."""

from shared.contracts.booking_care import VisitOnSiteSchema
from shared.contracts.booking_errors import booking_state_conflict, too_early
from shared.contracts.booking_forms import BookingSchema, CancelForProviderRequestSchema
from shared.contracts.booking_supply import SERVICE
from shared.contracts.declaration import MethodKind, RpcMethod
from shared.errors import forbidden

START_BOOKING = RpcMethod(
    SERVICE,
    "start_booking",
    MethodKind.COMMAND,
    VisitOnSiteSchema,
    BookingSchema,
    (forbidden, booking_state_conflict, too_early),
)
COMPLETE_BOOKING = RpcMethod(
    SERVICE,
    "complete_booking",
    MethodKind.COMMAND,
    VisitOnSiteSchema,
    BookingSchema,
    (forbidden, booking_state_conflict, too_early),
)
CANCEL_FOR_PROVIDER = RpcMethod(
    SERVICE,
    "cancel_for_provider",
    MethodKind.COMMAND,
    CancelForProviderRequestSchema,
    BookingSchema,
    (forbidden, booking_state_conflict),
)
"""Its owner alone cancels for a provider; one of the staff starts and completes what they do themselves."""
