"""What booking is asked about visits that their customers missed, once each."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from services.booking.usecases import no_show
from services.booking.usecases.measure import measure_contests
from services.booking.usecases.read_contests import list_open_contests
from shared.contracts.booking_no_show import (
    CONTEST_NO_SHOW,
    DECIDE_NO_SHOW,
    LIST_OPEN_CONTESTS,
    RECORD_NO_SHOW,
)
from shared.contracts.declaration import Caller, RpcMethod, read, write
from shared.ids import new_id
from tests.integration.booking.desk import Desk, Provider, customer_of, member_of
from tests.plans.listening import Asking
from tests.plans.walk_of_visits import OVER, agreed, begin

ADMIN = Caller(user_id=new_id(), roles=("admin",))
_USE_CASES = {
    RECORD_NO_SHOW: no_show.record_no_show,
    CONTEST_NO_SHOW: no_show.contest_no_show,
    DECIDE_NO_SHOW: no_show.decide_no_show,
}


def no_shows(desk: Desk, provider: Provider) -> Iterator[Asking]:
    """Two, of which one stands."""
    visits = [agreed(desk, provider, OVER) for _ in range(2)]
    begin(desk, *visits)
    missed, overturned = visits
    do, owner, reason = partial(_do, desk), member_of(provider), {"reason": "the door's log"}
    yield "record_no_show", lambda: do(RECORD_NO_SHOW, missed, owner)
    do(RECORD_NO_SHOW, overturned, owner)
    yield "contest_no_show", lambda: do(CONTEST_NO_SHOW, missed, customer_of(missed), **reason)
    do(CONTEST_NO_SHOW, overturned, customer_of(overturned), **reason)
    yield "measure_contests", lambda: measure_contests(desk.transaction)
    page = read(LIST_OPEN_CONTESTS.request, {"limit": 1})
    yield "list_open_contests", lambda: list_open_contests(desk.transaction, page, ADMIN)
    following = page | {"cursor": list_open_contests(desk.transaction, page, ADMIN)["next"]}
    yield "list_open_contests_page_2", lambda: list_open_contests(desk.transaction, following, ADMIN)
    for visit, outcome in ((missed, "stands"), (overturned, "overturned")):
        decided = {"outcome": outcome, **reason}
        yield f"decide_no_show_{outcome}", partial(do, DECIDE_NO_SHOW, visit, ADMIN, **decided)


def _do(
    desk: Desk, method: RpcMethod, booking: dict[str, Any], caller: Caller, **members: Any
) -> dict[str, Any]:
    request = {"booking_id": booking["booking_id"], "idempotency_key": new_id(), **members}
    answer = _USE_CASES[method](desk.transaction, read(method.request, request), caller)
    return write(method.answer, answer)
