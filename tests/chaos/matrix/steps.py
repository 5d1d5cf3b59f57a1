"""The steps of the crash matrix: everything that writes, sends or calls on the way of a booking."""

from services.gateway import invalidation
from tests.chaos.matrix.table import Cell, Kind, Step

API = "/api/v1"


def _route(phase: str, walk: str, path: str, *asks: str, commits: tuple[str, ...] = ()) -> Step:
    return Step(phase, Kind.ROUTE, f"POST {API}/{path}", walk, commits=commits, asks=asks)


def _relay(phase: str, walk: str, event: str) -> Step:
    return Step(phase, Kind.RELAY, f"relay {event}", walk)


def _handler(phase: str, walk: str, work: str, effect: str) -> Step:
    return Step(phase, Kind.HANDLER, work, walk, commits=(effect,))


REGISTERING = (
    _route("registering", "register", "auth/register", commits=("account and event",)),
    _relay("registering", "register", "user_registered"),
    _handler("registering", "register", "notify.on_user_registered", "the account's copy"),
)

PUBLISHING = (
    _relay("publishing", "publish", "provider_published"),
    _relay("publishing", "publish", "service_published"),
    _handler("publishing", "publish", "booking.on_provider_published", "the provider's copy"),
    _handler("publishing", "publish", "booking.on_service_published", "the service's copy"),
    _handler("publishing", "publish", "payment.on_provider_published", "the account's copy"),
)

HOLDING = (
    _route("holding", "hold", "customer/bookings", "booking.create_booking"),
    Step("holding", Kind.METHOD, "booking.create_booking", "hold", commits=("booking, allocation, events",)),
    _relay("holding", "hold", "booking_held"),
    _relay("holding", "hold", "availability_changed"),
    _handler("holding", "hold", "notify.on_booking_held", "inbox entries"),
    Step("holding", Kind.HANDLER, "notify.on_booking_held", "hold, told late", fails_once=True),
)

PAYING = (
    _route("paying", "pay", "customer/payments/process", "payment.process_payment"),
    Step("paying", Kind.METHOD, "booking.prepare_payment", "pay", commits=("the longer hold",)),
    Step(
        "paying",
        Kind.METHOD,
        "payment.process_payment",
        "pay",
        commits=("payment, claimed request, job", "intent and claim", "outcome and event"),
        calls=("create", "confirm"),
        asks=("booking.prepare_payment",),
    ),
    _relay("paying", "pay", "payment_succeeded"),
    _route("paying", "pay", "customer/payments/webhook", "payment.receive_webhook"),
    Step("paying", Kind.METHOD, "payment.receive_webhook", "pay", commits=("webhook and job",)),
    Step("paying", Kind.JOB, "job work_webhook", "pay", commits=("what it says, done",), calls=("retrieve",)),
    _relay("paying, declined", "be declined", "payment_failed"),
    _handler("paying, declined", "be declined", "booking.on_payment_failed", "the payment's copy"),
    _relay("paying, no answer", "pay unanswered", "payment_processing"),
    _handler("paying, no answer", "pay unanswered", "booking.on_payment_processing", "the longer hold"),
    Step(
        "paying, no answer",
        Kind.JOB,
        "job resume_payment",
        "be looked after",
        commits=("outcome and event", "done"),
        calls=("retrieve",),
    ),
    _relay("paying, 3-D Secure", "be asked", "payment_action_required"),
    _route(
        "paying, 3-D Secure",
        "confirm",
        "customer/payments/<payment_intent_id>/confirm",
        "payment.confirm_payment",
    ),
    Step(
        "paying, 3-D Secure",
        Kind.METHOD,
        "payment.confirm_payment",
        "confirm",
        commits=("outcome and event",),
        calls=("retrieve",),
    ),
)

CONFIRMING = (
    _handler("confirming", "pay", "booking.on_payment_succeeded", "booking confirmed, event"),
    _relay("confirming", "pay", "booking_confirmed"),
    _handler("confirming", "pay", "notify.on_booking_confirmed", "inbox entries"),
)

CANCELLING = (
    _route("cancelling", "cancel", "customer/bookings/<id:booking_id>/cancel", "booking.cancel_booking"),
    Step("cancelling", Kind.METHOD, "booking.cancel_booking", "cancel", commits=("cancelled, slot free",)),
    _relay("cancelling", "cancel", "booking_cancelled"),
    _handler("cancelling", "cancel", "notify.on_booking_cancelled", "inbox entries"),
    _handler("cancelling", "cancel", "payment.on_booking_cancelled", "what is owed, job"),
    Step(
        "cancelling, unpaid",
        Kind.JOB,
        "job abandon_payment",
        "cancel unpaid",
        commits=("what Stripe says", "request and claim", "payment cancelled, event", "done"),
        calls=("retrieve", "cancel"),
    ),
    _relay("cancelling, unpaid", "cancel unpaid", "payment_cancelled"),
    _handler("cancelling, unpaid", "cancel unpaid", "booking.on_payment_cancelled", "the payment's copy"),
)

REFUNDING = (
    _route(
        "refunding",
        "ask money back",
        "customer/payments/refund",
        "payment.get_payment",
        "booking.cancel_booking",
    ),
    Step(
        "refunding",
        Kind.JOB,
        "job send_refund",
        "cancel",
        commits=("request and claim", "refund, ledger, event", "done"),
        calls=("refund",),
    ),
    Step("refunding", Kind.JOB, "job return_commission", "cancel", commits=("request", "outcome, done")),
    _relay("refunding", "cancel", "payment_refunded"),
    _handler("refunding", "cancel", "booking.on_payment_refunded", "what was given back"),
    _handler("refunding", "cancel", "notify.on_payment_refunded", "inbox entries"),
)

EXPIRING = (
    Step(
        "expiring", Kind.TIMER, "booking.sweep_expired_holds", "let expire", commits=("expired, slot free",)
    ),
    _relay("expiring", "let expire", "booking_expired"),
    _handler("expiring", "let expire", "notify.on_booking_expired", "inbox entries"),
    _handler("expiring", "let expire", "payment.on_booking_expired", "the job, if there is a payment"),
)

STEPS: tuple[Step, ...] = (
    *REGISTERING,
    *PUBLISHING,
    *HOLDING,
    *PAYING,
    *CONFIRMING,
    *CANCELLING,
    *REFUNDING,
    *EXPIRING,
)

CELLS: tuple[Cell, ...] = tuple(cell for step in STEPS for cell in step.cells())

SESSIONS = "sessions are no step of a booking; whoever hears no answer signs in again"
MARKING = "marking entries as read is no step of a booking; done twice it is as done once"
BY_COMMAND = "begun by a command of an operator only; the same code as the handlers and relays in the table"
SAFETY_NET = "begun anew with every period whatever happened to the last one; `make chaos` kills it"
VISITS = (
    "a visit begins by the clock, which a run does not move; one transaction each, as cancelling and "
    "expiring are, and the same relay and inbox"
)
BY_PROVIDER = (
    "one transaction, as `booking.cancel_booking`, which has a row, and the same event from there on"
)
ASKED_FIRST = (
    "one transaction, as `booking.on_payment_succeeded`, `booking.cancel_booking` and what sends and hears "
    "their events, which have rows; the walks book what needs no answer"
)
MOVES = (
    "one transaction under a key, as `booking.create_booking` and `booking.cancel_booking`, which have rows, "
    "and the same relay, inbox and refund from there on; tests/integration/booking/test_rescheduling.py "
    "breaks it off in between"
)
COPY = "one transaction with its inbox row, as `payment.on_provider_published`, which has a row"
RULES = "one transaction of an administrator, under a key; no booking waits for it"
OVERRIDING = (
    "administrators give back what no cancellation did; one transaction, and from there the refund's own "
    "job; what dies before or after it, tests/integration/gateway/test_audit.py tries"
)
ACCOUNTS = "opening an account is no step of a booking; asked again it goes on under its key"
PAYOUTS = (
    "money that waits days after a visit, by a clock that a run does not move; written down, sent and "
    "applied as refunds are, and the same relay"
)
DISPUTES = (
    "a card's bank begins it, which the stand-in does not know; looked at and applied as other webhooks are, "
    "sent under a key as refunds are, and the same relay"
)
TIPPING = (
    "a tip comes after a completed visit, which a run does not have; from its row on it goes the way of "
    "`payment.process_payment`, which has a row"
)
HOLDS = (
    "the walks book too far ahead for a card to be held; the same claims, calls and outcomes as the jobs "
    "that cancel and refund, and `make chaos` books both"
)
REPEATING = (
    "each visit is held by a transaction like that of `booking.create_booking`, which has a row; what was "
    "cut off in between goes on by a timer; tests/integration/booking/test_series.py breaks it off"
)
SERIES_MOVES = (
    "where each visit goes is kept under a key, and each is moved by the transaction of "
    "`booking.reschedule_booking` under a key of its own; "
    "tests/integration/booking/test_rescheduling_series.py breaks it off in between"
)
WAITING = (
    "one transaction each; what got free is offered again until a transaction has offered it; "
    "tests/integration/booking/test_waitlist.py breaks it off"
)
NOTES = "one transaction, as `booking.create_booking`, which has a row; nobody is told"
HOUSEKEEPING = "nobody's step: counts or forgets, and is begun anew with every period"
DOCUMENTS = "reads only; called as commands are for the time that a PDF may take"
CACHE = (
    "nothing of it lasts: a generation is raised in Redis, then the event is acknowledged; raised twice is "
    "as raised once, and a process that begins raises all"
)

FEED = "no step of a booking; whoever hears no answer asks for another secret, and the one before it ends"
SUPPLY = "no step of a booking: one transaction, kept with its key; whoever hears no answer sends it again"

SUPPLY_ROUTES = (
    "resources",
    "resources/<id:resource_id>",
    "schedule/hours",
    "schedule/rules",
    "services/<id:service_id>/rules",
    "staff",
    "staff/<id:staff_id>",
    "time-off",
    "time-off/<id:time_off_id>/remove",
)
SUPPLY_METHODS = (
    "add_time_off",
    "change_hours",
    "change_rules",
    "change_service_rules",
    "put_resource",
    "put_staff",
    "remove_time_off",
)

OUTSIDE: dict[str, str] = {
    "POST /api/v1/auth/login": SESSIONS,
    "POST /api/v1/auth/refresh": SESSIONS,
    "POST /api/v1/auth/logout": SESSIONS,
    "POST /api/v1/notifications/read": MARKING,
    "notify.mark_read": MARKING,
    "booking.on_provider_withdrawn": BY_COMMAND,
    "booking.on_service_withdrawn": BY_COMMAND,
    "notify.on_user_changed": BY_COMMAND,
    "relay provider_withdrawn": BY_COMMAND,
    "relay service_withdrawn": BY_COMMAND,
    "relay user_changed": BY_COMMAND,
    "relay category_changed": BY_COMMAND,
    "relay review_published": BY_COMMAND,
    "payment.on_service_published": COPY,
    "POST /api/v1/admin/policies/commission": RULES,
    "POST /api/v1/admin/policies/commission/preview": RULES,
    "payment.propose_commission_rules": RULES,
    "job reconcile": SAFETY_NET,
    "job look_again": SAFETY_NET,
    "job compare_books": SAFETY_NET,
    "job close_ledger": SAFETY_NET,
    "job prove_ledger": SAFETY_NET,
    "payment.begin_round": SAFETY_NET,
    "job payout_round": SAFETY_NET,
    "POST /api/v1/provider/payout-account": ACCOUNTS,
    "payment.open_payout_account": ACCOUNTS,
    "POST /api/v1/customer/payments/webhook/connect": "the same code as the other endpoint's, in the table",
    "POST /api/v1/customer/payments/webhook/tap": "hands on as the other endpoints do; mada is off in a run",
    "payment.get_invoice": DOCUMENTS,
    "payment.get_credit_note": DOCUMENTS,
    "payment.get_statement_pdf": DOCUMENTS,
    "job make_payout": PAYOUTS,
    "job look_at_payout": PAYOUTS,
    "relay payout_sent": PAYOUTS,
    "relay payout_paid": PAYOUTS,
    "relay payout_failed": PAYOUTS,
    "POST /api/v1/admin/disputes/<foreign_id:dispute_id>/evidence": DISPUTES,
    "POST /api/v1/admin/webhooks/<foreign_id:event_id>/replay": (
        "one transaction of an administrator, under a key"
    ),
    "payment.submit_dispute_evidence": DISPUTES,
    "payment.replay_webhook": "one transaction of an administrator, under a key",
    "job look_at_dispute": DISPUTES,
    "job reverse_transfer": DISPUTES,
    "job return_transfer": DISPUTES,
    "job catch_up_account": SAFETY_NET,
    "relay payment_disputed": DISPUTES,
    "relay payment_dispute_closed": DISPUTES,
    "payment.release_shares": "a share that was not released is released by the next look",
    "payment.work_jobs": "its one commit claims a job: what comes after it is the job's own point `claimed`",
    "POST /api/v1/provider/bookings/<id:booking_id>/start": VISITS,
    "POST /api/v1/provider/bookings/<id:booking_id>/complete": VISITS,
    "POST /api/v1/provider/bookings/<id:booking_id>/cancel": BY_PROVIDER,
    "POST /api/v1/provider/bookings/<id:booking_id>/accept": ASKED_FIRST,
    "POST /api/v1/provider/bookings/<id:booking_id>/decline": ASKED_FIRST,
    "booking.accept_booking": ASKED_FIRST,
    "booking.decline_booking": ASKED_FIRST,
    "relay booking_answer_due": ASKED_FIRST,
    "notify.on_booking_answer_due": ASKED_FIRST,
    "POST /api/v1/customer/bookings/<id:booking_id>/reschedule": MOVES,
    "booking.reschedule_booking": MOVES,
    "relay booking_payment_due": REPEATING,
    "notify.on_booking_payment_due": REPEATING,
    "relay booking_rescheduled": MOVES,
    "notify.on_booking_rescheduled": MOVES,
    "payment.on_booking_rescheduled": MOVES,
    "POST /api/v1/customer/series": REPEATING,
    "POST /api/v1/customer/series/preview": REPEATING,
    "POST /api/v1/customer/series/<id:series_id>/cancel": REPEATING,
    "POST /api/v1/customer/series/<id:series_id>/pay": (
        "asks `payment.process_payment`, which has a row, for each visit under a key of its own"
    ),
    "POST /api/v1/customer/series/<id:series_id>/reschedule": SERIES_MOVES,
    "POST /api/v1/customer/series/<id:series_id>/reschedule/preview": SERIES_MOVES,
    "booking.create_series": REPEATING,
    "booking.cancel_series": REPEATING,
    "booking.reschedule_series": SERIES_MOVES,
    "POST /api/v1/customer/waitlist": WAITING,
    "POST /api/v1/customer/waitlist/<id:waitlist_id>/leave": WAITING,
    "POST /api/v1/customer/waitlist/<id:waitlist_id>/decline": WAITING,
    "booking.join_waitlist": WAITING,
    "booking.leave_waitlist": WAITING,
    "booking.decline_offer": WAITING,
    "PATCH /api/v1/customer/bookings/<id:booking_id>": NOTES,
    "PATCH /api/v1/provider/bookings/<id:booking_id>": NOTES,
    "booking.change_notes": NOTES,
    "booking.start_booking": VISITS,
    "booking.complete_booking": VISITS,
    "booking.cancel_for_provider": BY_PROVIDER,
    "booking.complete_overdue": VISITS,
    **dict.fromkeys(
        (
            "booking.finish_series",
            "booking.end_unpaid_keeping",
            "booking.offer_freed",
            "booking.tell_payment_due",
        ),
        "what a round has not come to is left as it was, for the next one",
    ),
    "relay booking_started": VISITS,
    "relay booking_completed": VISITS,
    "payment.on_booking_completed": VISITS,
    "POST /api/v1/provider/bookings/<id:booking_id>/no-show": VISITS,
    "POST /api/v1/customer/bookings/<id:booking_id>/contest": VISITS,
    "POST /api/v1/admin/bookings/<id:booking_id>/contest/decide": VISITS,
    "booking.record_no_show": VISITS,
    "booking.contest_no_show": VISITS,
    "booking.decide_no_show": VISITS,
    "relay booking_no_show": VISITS,
    "relay booking_contested": VISITS,
    "relay booking_no_show_stands": VISITS,
    "payment.on_booking_no_show": VISITS,
    "payment.on_booking_contested": VISITS,
    "payment.on_booking_no_show_stands": VISITS,
    "notify.on_booking_no_show": VISITS,
    "notify.on_booking_contested": VISITS,
    "notify.on_booking_no_show_stands": VISITS,
    "POST /api/v1/admin/refunds": OVERRIDING,
    "POST /api/v1/admin/refunds/preview": OVERRIDING,
    "POST /api/v1/admin/refunds/<id:refund_id>/retry": OVERRIDING,
    "POST /api/v1/customer/payments/tip": TIPPING,
    "payment.tip_booking": TIPPING,
    "job abandon_tip": TIPPING,
    "payment.refund_payment": OVERRIDING,
    "payment.retry_refund": OVERRIDING,
    "job settle_hold": HOLDS,
    "relay payment_captured": HOLDS,
    "notify.on_payment_captured": HOLDS,
    "job take_in_time": SAFETY_NET,
    "payment.measure_open_work": HOUSEKEEPING,
    "payment.forget_old": HOUSEKEEPING,
    "booking.measure_holds": HOUSEKEEPING,
    "booking.forget_old": HOUSEKEEPING,
    "notify.forget_old": HOUSEKEEPING,
    "gateway forget-ended": HOUSEKEEPING,
    invalidation.QUEUE: CACHE,
    "POST /api/v1/calendar/feed": FEED,
    "DELETE /api/v1/calendar/feed": FEED,
    **{f"POST {API}/provider/{path}": SUPPLY for path in SUPPLY_ROUTES},
    **{f"booking.{method}": SUPPLY for method in SUPPLY_METHODS},
}
"""Work that has no row, and why. What only reads needs no word: it has nothing to lose."""
