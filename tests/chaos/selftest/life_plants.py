"""Faults in the longer life of bookings: a line that is forgotten, a move in two steps."""

from tests.chaos.plans import Habits
from tests.chaos.selftest.edits import Edit
from tests.chaos.selftest.plant import Bait, Plant
from tests.fixtures.tcp_proxy import Slow

LINE_FORGOTTEN = Plant(
    what="that time got free is forgotten before anybody is offered it",
    check="lines.nobody_in_line_is_forgotten",
    # Offers are slow, and connections end while they are made. Whoever joins or leaves looks at the line of a
    # day again, so there are many days.
    bait=Bait(
        Habits(stories={"line": 1}, pause_factor=0.2, looks=(), days=tuple(range(20))),
        seconds=16.0,
        kinds=("cut",),
        targets=("booking to postgresql",),
        slow={("booking", "postgresql"): Slow(asking=0.06)},
    ),
    services=("booking",),
    edits=(
        Edit(
            "services/booking/usecases/offer_freed.py",
            "                with work_found():\n"
            "                    made = _answer(connection, settings, call)\n",
            "                answer_call(connection, call)\n"
            "            with transaction() as connection:\n"
            "                made = _answer(connection, settings, call)\n",
        ),
    ),
)

MOVED_IN_TWO_STEPS = Plant(
    what="a move leaves the old time first and takes the new one then",
    check="slots.occupied_exactly_while_needed",
    # All move to times of one provider, and some say it again.
    bait=Bait(Habits(stories={"moved": 1}, pause_factor=0.2, looks=(), places=1)),
    services=("booking",),
    edits=(
        Edit(
            "services/booking/usecases/reschedule.py",
            "            with transaction() as connection:\n"
            "                key = IdempotentRequest.of(RESCHEDULE_BOOKING, caller, request)\n",
            "            with transaction() as connection:\n"
            "                connection.exec_driver_sql(\n"
            '                    "DELETE FROM allocation WHERE booking_id = %s", (request["booking_id"],)\n'
            "                )\n"
            "            with transaction() as connection:\n"
            "                key = IdempotentRequest.of(RESCHEDULE_BOOKING, caller, request)\n",
        ),
        Edit(
            "services/booking/store/moves.py",
            "    UPDATE allocation SET resource_id = step.gets,\n        blocked = tstzrange(\n",
            "    INSERT INTO allocation (id, booking_id, resource_id, blocked)\n"
            "    SELECT gen_random_uuid(), :id, step.gets, tstzrange(\n",
        ),
        Edit(
            "services/booking/store/moves.py",
            "            :blocked_to + make_interval(secs => step.after)\n"
            "        ),\n"
            "        travel_before = step.before, travel_after = step.after,\n"
            "        session_id = CAST(:session_id AS uuid), seat = CAST(:seat AS smallint),\n"
            "        seats = CAST(:seats AS smallint)\n",
            "            :blocked_to + make_interval(secs => step.after)\n        )\n",
        ),
        Edit(
            "services/booking/store/moves.py",
            "\n    WHERE allocation.booking_id = :id AND allocation.resource_id = step.has\n",
            "\n    WHERE CAST(:seat AS smallint) IS NULL AND CAST(:seats AS smallint) IS NULL\n"
            "        AND CAST(:session_id AS uuid) IS NULL AND step.has IS NOT NULL\n",
        ),
    ),
)

LIFE_PLANTS: dict[str, Plant] = {
    "line-forgotten": LINE_FORGOTTEN,
    "moved-in-two-steps": MOVED_IN_TWO_STEPS,
}
