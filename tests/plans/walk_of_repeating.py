"""What booking is asked about series and waiting lists, once each."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from services.booking.store.waitlist_look import note_look
from services.booking.usecases.book_series import finish_left_alone
from services.booking.usecases.call_for_new_days import call_for_new_days
from services.booking.usecases.offer_freed import offer_freed
from services.booking.usecases.read_series import list_series
from services.booking.usecases.series_holds import end_unpaid_keeping
from services.booking.usecases.waitlist import list_waitlist
from shared.database.transaction import read_app_now
from tests.integration.booking.desk import Desk, Provider, somebody
from tests.integration.booking.series_desk import SeriesDesk, Waiting, offer
from tests.plans.listening import Asking

_PAGE = {"limit": 20, "cursor": None}
_ONE = "FREQ=DAILY;COUNT=1"
START = "16:30"
"""When nobody has a visit; no other question of the walk asks for one on that day."""


def series_and_lines(desk: Desk, provider: Provider) -> Iterator[Asking]:
    """A series of one visit, since the statements for each are the same; a line of one."""
    customer, made = SeriesDesk(desk), list[dict[str, Any]]()
    first = desk.day + timedelta(days=2)
    yield "preview_series", lambda: customer.preview(provider, first, _ONE, START)
    yield "create_series", lambda: made.append(customer.create(provider, first, _ONE, START))
    yield "get_series", lambda: customer.get(made[0])
    yield "list_series", lambda: list_series(desk.transaction, _PAGE, customer.caller)
    yield "finish_series", lambda: finish_left_alone(desk.transaction, desk.settings)
    yield "end_unpaid_keeping", lambda: end_unpaid_keeping(desk.transaction, desk.settings.hold_seconds)
    yield "prepare_payment_of_a_series", lambda: desk.prepare(_visit(made), customer.caller)
    yield "series_paid", lambda: desk.payment_succeeds(_visit(made))
    later = {"shift_days": 1}
    yield "preview_series_move", lambda: customer.preview_move(made[0], "all", **later)
    yield "reschedule_series", lambda: customer.move(made[0], "all", **later)
    yield "get_series_refund_quote", lambda: customer.quote(made[0], "all")
    yield "cancel_series", lambda: customer.cancel(made[0], "all")
    offer(desk)
    day, waiting, caller = first.isoformat(), list[Waiting](), somebody()
    wish = {"date": day, "from_time": START, "to_time": START}
    yield "join_waitlist", lambda: waiting.append(Waiting(desk, provider, caller, **wish))
    yield "offer_freed", lambda: offer_freed(desk.transaction, desk.settings)
    # The first look would call all lines of the million.
    with desk.transaction() as connection:
        note_look(connection, read_app_now(connection))
    yield "call_for_new_days", lambda: call_for_new_days(desk.transaction)
    yield "list_waitlist", lambda: list_waitlist(desk.transaction, _PAGE, caller)
    yield "decline_offer", lambda: waiting[0].decline()
    waiting.append(Waiting(desk, provider, somebody(), **wish))
    yield "leave_waitlist", lambda: waiting[1].leave()


def _visit(made: list[dict[str, Any]]) -> dict[str, Any]:
    visit: dict[str, Any] = made[0]["instances"][0]["booking"]
    return visit
