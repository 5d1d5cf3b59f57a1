"""The steps of a booking's longer life: asked first, moved, repeated, waited for, begun, missed, noted on."""

from tests.chaos.matrix.declaring import example, handler, method, relay, route, timer
from tests.chaos.matrix.table import Kind, Step

ASKING_FIRST = (
    handler("asking first", "pay, asked first", "booking.on_payment_succeeded", "waiting, event"),
    relay("asking first", "pay, asked first", "booking_answer_due"),
    route(
        "asking first",
        "be accepted",
        "provider/bookings/<id:booking_id>/accept",
        "booking.accept_booking",
    ),
    method("asking first", "be accepted", "booking.accept_booking", "confirmed, event"),
    route(
        "asking first",
        "be declined by the provider",
        "provider/bookings/<id:booking_id>/decline",
        "booking.decline_booking",
    ),
    method("asking first", "be declined by the provider", "booking.decline_booking", "cancelled, slot free"),
    timer("asking first", "be left unanswered", "booking.sweep_expired_holds", "cancelled, slot free"),
)

MOVING = (
    route("moving", "move", "customer/bookings/<id:booking_id>/reschedule", "booking.reschedule_booking"),
    method("moving", "move", "booking.reschedule_booking", "moved, events"),
    relay("moving", "move", "booking_rescheduled"),
    handler("moving", "move", "payment.on_booking_rescheduled", "the move"),
    example(
        handler(
            "moving", "replace", "booking.on_payment_succeeded", "confirmed, the other one cancelled, events"
        )
    ),
)

REPEATING = (
    route("repeating", "repeat", "customer/series", "booking.create_series"),
    method(
        "repeating",
        "repeat",
        "booking.create_series",
        "series",
        "the first visit",
        "the second visit, the address forgotten",
    ),
    route(
        "repeating", "move a series", "customer/series/<id:series_id>/reschedule", "booking.reschedule_series"
    ),
    method(
        "repeating",
        "move a series",
        "booking.reschedule_series",
        "where each goes",
        "the last visit moved",
        "the first visit moved",
    ),
    route("repeating", "end a series", "customer/series/<id:series_id>/cancel", "booking.cancel_series"),
    method("repeating", "end a series", "booking.cancel_series", "all cancelled, slots free"),
)

WAITING = (
    route("waiting", "join a line", "customer/waitlist", "booking.join_waitlist"),
    method("waiting", "join a line", "booking.join_waitlist", "entry, call"),
    timer("waiting", "join a line", "booking.offer_freed", "the offer", "the call answered"),
    route("waiting", "leave a line", "customer/waitlist/<id:waitlist_id>/leave", "booking.leave_waitlist"),
    method("waiting", "leave a line", "booking.leave_waitlist", "waiting no more"),
    route(
        "waiting",
        "decline an offer",
        "customer/waitlist/<id:waitlist_id>/decline",
        "booking.decline_offer",
    ),
    method("waiting", "decline an offer", "booking.decline_offer", "cancelled, call"),
)

VISITING = (
    route("visiting", "begin", "provider/bookings/<id:booking_id>/start", "booking.start_booking"),
    method("visiting", "begin", "booking.start_booking", "begun, check-in"),
    relay("visiting", "begin", "booking_started"),
    route("visiting", "be done", "provider/bookings/<id:booking_id>/complete", "booking.complete_booking"),
    method("visiting", "be done", "booking.complete_booking", "done, check-out"),
    relay("visiting", "be done", "booking_completed"),
    handler("visiting", "be done", "payment.on_booking_completed", "what is to be taken, job"),
    Step(
        "visiting",
        Kind.JOB,
        "job settle_hold",
        "be done",
        commits=("request and claim", "taken, ledger, event", "done"),
        calls=("capture",),
    ),
    relay("visiting", "be done", "payment_captured"),
    handler("visiting", "be done", "notify.on_payment_captured", "nothing that is told"),
    timer("visiting", "count as done", "booking.complete_overdue", "done, event"),
    route(
        "visiting", "be called off", "provider/bookings/<id:booking_id>/cancel", "booking.cancel_for_provider"
    ),
    method("visiting", "be called off", "booking.cancel_for_provider", "cancelled, slot free"),
)

MISSING = (
    route("missing", "be missed", "provider/bookings/<id:booking_id>/no-show", "booking.record_no_show"),
    method("missing", "be missed", "booking.record_no_show", "missed, event"),
    relay("missing", "be missed", "booking_no_show"),
    handler("missing", "be missed", "payment.on_booking_no_show", "what is to be taken, job"),
    route("missing", "contest", "customer/bookings/<id:booking_id>/contest", "booking.contest_no_show"),
    method("missing", "contest", "booking.contest_no_show", "contested, event"),
    relay("missing", "contest", "booking_contested"),
    handler("missing", "contest", "payment.on_booking_contested", "the money waits"),
    route(
        "missing",
        "win a contest",
        "admin/bookings/<id:booking_id>/contest/decide",
        "booking.decide_no_show",
        commits=("the ask", "its outcome"),
    ),
    method("missing", "win a contest", "booking.decide_no_show", "cancelled, event"),
    relay("missing", "lose a contest", "booking_no_show_stands"),
    handler("missing", "lose a contest", "payment.on_booking_no_show_stands", "the money goes on"),
)

NOTING = (
    route("noting", "note", "customer/bookings/<id:booking_id>", "booking.change_notes", verb="PATCH"),
    method("noting", "note", "booking.change_notes", "the note"),
    route("noting", "be noted", "provider/bookings/<id:booking_id>", "booking.change_notes", verb="PATCH"),
)

LIFE_STEPS: tuple[Step, ...] = (
    *ASKING_FIRST,
    *MOVING,
    *REPEATING,
    *WAITING,
    *VISITING,
    *MISSING,
    *NOTING,
)
