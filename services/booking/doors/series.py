"""The part of the door that is for series of visits."""

from typing import Any

from services.booking.resources import BookingResources
from services.booking.store.series import ANY_OPEN
from services.booking.usecases import (
    book_series,
    cancel_series,
    preview_series,
    preview_series_move,
    read_series,
    reschedule_series,
    series_holds,
    tell_payment_due,
)
from shared.contracts import booking_series as series
from shared.contracts import booking_series_moves as moves
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import every, rpc

Object = dict[str, Any]
FINISH_SECONDS, KEEP_SECONDS, TELL_SECONDS = 5, 30, 15


class SeriesDoor:
    """Served as a part of BookingService, which opens what it needs."""

    resources: BookingResources

    @rpc(series.PREVIEW_SERIES)
    def preview_series(self, request: Object, caller: Caller) -> Object:
        return preview_series.preview_series(self.resources.transaction, request)

    @rpc(series.CREATE_SERIES)
    def create_series(self, request: Object, caller: Caller) -> Object:
        return book_series.create_series(self.resources.transaction, self.resources.settings, request, caller)

    @rpc(series.GET_SERIES)
    def get_series(self, request: Object, caller: Caller) -> Object:
        return read_series.read_series(self.resources.transaction, request, caller)

    @rpc(series.LIST_SERIES)
    def list_series(self, request: Object, caller: Caller) -> Object:
        return read_series.list_series(self.resources.transaction, request, caller)

    @rpc(series.GET_SERIES_REFUND_QUOTE)
    def get_series_refund_quote(self, request: Object, caller: Caller) -> Object:
        return cancel_series.get_series_refund_quote(self.resources.transaction, request, caller)

    @rpc(series.CANCEL_SERIES)
    def cancel_series(self, request: Object, caller: Caller) -> Object:
        return cancel_series.cancel_series(self.resources.transaction, request, caller)

    @rpc(moves.PREVIEW_SERIES_MOVE)
    def preview_series_move(self, request: Object, caller: Caller) -> Object:
        return preview_series_move.preview_series_move(self.resources.transaction, request, caller)

    @rpc(moves.RESCHEDULE_SERIES)
    def reschedule_series(self, request: Object, caller: Caller) -> Object:
        settings = self.resources.settings
        return reschedule_series.reschedule_series(self.resources.transaction, settings, request, caller)

    @every(seconds=FINISH_SECONDS)
    def finish_series(self) -> None:
        if self.resources.database.sees(ANY_OPEN):
            book_series.finish_left_alone(self.resources.transaction, self.resources.settings)

    @every(seconds=KEEP_SECONDS)
    def end_unpaid_keeping(self) -> None:
        series_holds.end_unpaid_keeping(self.resources.transaction, self.resources.settings.hold_seconds)

    @every(seconds=TELL_SECONDS)
    def tell_payment_due(self) -> None:
        tell_payment_due.tell_payment_due(self.resources.transaction)
