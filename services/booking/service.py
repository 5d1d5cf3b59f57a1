"""The door of booking: its parts by subject, and its timers; what they do is in usecases/."""

from services.booking.doors.bookings import BookingsDoor
from services.booking.doors.free_times import FreeTimesDoor
from services.booking.doors.heard import HearingDoor
from services.booking.doors.series import SeriesDoor
from services.booking.doors.supply import SupplyDoor
from services.booking.doors.visits import VisitsDoor
from services.booking.doors.waiting import WaitingDoor
from services.booking.resources import BookingResources
from services.booking.store.ended_holds import ANY_ENDED
from services.booking.usecases import expiry, forget, measure
from services.booking.usecases.complete_overdue import complete_overdue
from shared.contracts import booking as contract
from shared.worker.entrypoints import every

SWEEP_SECONDS, COMPLETE_SECONDS, FORGET_SECONDS = 1, 5, 3600
MEASURE_SECONDS = 15
"""As often as Prometheus asks (deploy/observability)."""


class BookingService(
    FreeTimesDoor, BookingsDoor, VisitsDoor, SeriesDoor, WaitingDoor, SupplyDoor, HearingDoor
):
    """The calendar: free times, holds, bookings."""

    name = contract.SERVICE
    resources = BookingResources()

    @every(seconds=SWEEP_SECONDS)
    def sweep_expired_holds(self) -> None:
        if self.resources.database.sees(ANY_ENDED):
            expiry.sweep_expired_holds(self.resources.transaction)

    @every(seconds=COMPLETE_SECONDS)
    def complete_overdue(self) -> None:
        complete_overdue(self.resources.transaction, self.resources.settings.complete_grace)

    @every(seconds=MEASURE_SECONDS)
    def measure_holds(self) -> None:
        measure.measure_holds(self.resources.reading)
        measure.measure_contests(self.resources.reading)

    @every(seconds=FORGET_SECONDS)
    def forget_old(self) -> None:
        forget.forget_old(self.resources.transaction)


SERVICE = BookingService
