"""What customers do with series of visits and in waiting lists, in few words."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import text

from services.booking.usecases import book_series, cancel_series, read_series, waitlist
from services.booking.usecases.offer_freed import offer_freed
from services.booking.usecases.preview_series import preview_series
from services.booking.usecases.preview_series_move import preview_series_move
from services.booking.usecases.reschedule_series import reschedule_series
from shared.contracts import booking_series as of_series
from shared.contracts import booking_series_moves as of_moves
from shared.contracts import booking_waitlist as of_waiting
from shared.contracts.declaration import Caller, RpcMethod, read, write
from shared.database.transaction import Transaction
from shared.ids import new_id
from tests.integration.booking.desk import Desk, Provider, somebody

Value = dict[str, Any]


class SeriesDesk:
    """What a customer does with series, with requests and answers as their contracts state them."""

    def __init__(self, desk: Desk, caller: Caller | None = None) -> None:
        self.desk, self.caller = desk, caller or somebody()

    def preview(self, provider: Provider, first: date, rule: str, start: str = "10:00") -> list[Value]:
        request = self._wanted(provider, first, rule, start)
        answer = self._ask(
            of_series.PREVIEW_SERIES, lambda values, _: preview_series(self._of(), values), request
        )
        instances: list[Value] = answer["instances"]
        return instances

    def create(
        self, provider: Provider, first: date, rule: str, start: str = "10:00", **members: Any
    ) -> Value:
        request = self._wanted(provider, first, rule, start) | {"idempotency_key": new_id()} | members
        settings = self.desk.settings
        return self._ask(
            of_series.CREATE_SERIES,
            lambda values, caller: book_series.create_series(self._of(), settings, values, caller),
            request,
        )

    def get(self, series: Value) -> Value:
        request = {"series_id": series["series_id"]}
        return self._ask(
            of_series.GET_SERIES,
            lambda values, caller: read_series.read_series(self._of(), values, caller),
            request,
        )

    def own(self) -> Value:
        return self._ask(
            of_series.LIST_SERIES,
            lambda values, caller: read_series.list_series(self._of(), values, caller),
            {},
        )

    def quote(self, series: Value, scope: str, position: int | None = None) -> Value:
        request = {"series_id": series["series_id"], "scope": scope, "position": position}
        return self._ask(
            of_series.GET_SERIES_REFUND_QUOTE,
            lambda values, caller: cancel_series.get_series_refund_quote(self._of(), values, caller),
            request,
        )

    def cancel(self, series: Value, scope: str, position: int | None = None, **members: Any) -> Value:
        request = {"series_id": series["series_id"], "scope": scope, "position": position}
        return self._ask(
            of_series.CANCEL_SERIES,
            lambda values, caller: cancel_series.cancel_series(self._of(), values, caller),
            request | {"idempotency_key": new_id()} | members,
        )

    def preview_move(self, series: Value, scope: str, position: int | None = None, **to: Any) -> list[Value]:
        request = {"series_id": series["series_id"], "scope": scope, "position": position, **to}
        answer = self._ask(
            of_moves.PREVIEW_SERIES_MOVE,
            lambda values, caller: preview_series_move(self._of(), values, caller),
            request,
        )
        instances: list[Value] = answer["instances"]
        return instances

    def move(self, series: Value, scope: str, position: int | None = None, **to: Any) -> list[Value]:
        request = {"series_id": series["series_id"], "scope": scope, "position": position, **to}
        settings = self.desk.settings
        answer = self._ask(
            of_moves.RESCHEDULE_SERIES,
            lambda values, caller: reschedule_series(self._of(), settings, values, caller),
            {"idempotency_key": new_id()} | request,
        )
        instances: list[Value] = answer["instances"]
        return instances

    def _of(self) -> Transaction:
        return self.desk.transaction

    def _wanted(self, provider: Provider, first: date, rule: str, start: str) -> Value:
        return {
            "provider_id": provider.provider_id,
            "service_id": provider.services[0],
            "booking_date": first.isoformat(),
            "start_time": start,
            "rule": rule,
        }

    def _ask(self, method: RpcMethod, work: Callable[[Value, Caller], Value], request: Value) -> Value:
        answer = work(read(method.request, request), self.caller)
        return read(method.answer, write(method.answer, answer))


class Waiting:
    """A customer in line."""

    def __init__(self, desk: Desk, provider: Provider, caller: Caller | None = None, **members: Any) -> None:
        self.desk, self.caller = desk, caller or somebody()
        request = {
            "provider_id": provider.provider_id,
            "service_id": provider.services[0],
            "date": desk.day.isoformat(),
            "idempotency_key": new_id(),
        }
        joined = self._ask(of_waiting.JOIN_WAITLIST, waitlist.join_waitlist, request | members)
        self.entry_id = joined["waitlist_id"]

    @property
    def entry(self) -> Value:
        listed = self._ask(of_waiting.LIST_WAITLIST, waitlist.list_waitlist, {})
        found: Value = next(one for one in listed["entries"] if one["waitlist_id"] == self.entry_id)
        return found

    @property
    def state(self) -> str:
        return str(self.entry["state"])

    def decline(self, **members: Any) -> Value:
        return self._ask(of_waiting.DECLINE_OFFER, waitlist.decline_offer, self._about() | members)

    def leave(self, **members: Any) -> Value:
        return self._ask(of_waiting.LEAVE_WAITLIST, waitlist.leave_waitlist, self._about() | members)

    def _about(self) -> Value:
        return {"waitlist_id": self.entry_id, "idempotency_key": new_id()}

    def _ask(self, method: RpcMethod, work: Callable[..., Value], request: Value) -> Value:
        answer = work(self.desk.transaction, read(method.request, request), self.caller)
        return read(method.answer, write(method.answer, answer))


def offer(desk: Desk) -> int:
    """Answer all calls, also those of other tests' providers that came before; how many offers were made."""
    offers = 0
    while _calls(desk):
        offers += offer_freed(desk.transaction, desk.settings)
    return offers


def _calls(desk: Desk) -> int:
    with desk.transaction() as connection:
        return int(connection.execute(text("SELECT count(*) FROM waitlist_call")).scalar_one())
