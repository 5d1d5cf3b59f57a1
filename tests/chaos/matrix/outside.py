"""Work that has no row in the crash matrix, and why. What only reads needs no word, with nothing to lose."""

from services.gateway import invalidation
from tests.chaos.matrix.declaring import API

SESSIONS = "sessions are no step of a booking; whoever hears no answer signs in again"
MARKING = "marking entries as read is no step of a booking; done twice it is as done once"
BY_COMMAND = "begun by a command of an operator only; the same code as the handlers and relays in the table"
SAFETY_NET = "begun anew with every period whatever happened to the last one; `make chaos` kills it"
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
    "a tip is a payment of its own for a visit that is done: from its row on it goes the way of "
    "`payment.process_payment`, which has a row"
)
NEW_DAYS = (
    "one transaction notes the look with its calls, so that the next look begins where a death has left it; "
    "what it calls is answered by `booking.offer_freed`, which has a row"
)
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

REMINDING = (
    "told once, a day before the hold of a kept visit ends, by a timer whose next round tells what a death "
    "has left; the same relay and inbox as the events in the table"
)
TOLD_ALIKE = "one and the same code as `notify.on_booking_held`, which has a row, with other words"
TOLD = (
    "answer_due",
    "cancelled",
    "confirmed",
    "contested",
    "expired",
    "no_show",
    "no_show_stands",
    "rescheduled",
)
READ_ONLY = "reads only, and holds nothing"
LEFT_ALONE = (
    "goes on after half a minute with what a death in `booking.create_series` has left, when nobody repeats: "
    "longer than a cell waits; tests/integration/booking/test_series.py breaks it off"
)
KEPT_NO_LONGER = (
    "looks every half a minute, longer than a cell waits; whatever happened to the last look, the next one "
    "does the rest"
)

OUTSIDE: dict[str, str] = {
    "POST /api/v1/customer/series/preview": READ_ONLY,
    "POST /api/v1/customer/series/<id:series_id>/reschedule/preview": READ_ONLY,
    "booking.tell_payment_due": REMINDING,
    **{f"notify.on_booking_{word}": TOLD_ALIKE for word in TOLD},
    "booking.finish_series": LEFT_ALONE,
    "booking.end_unpaid_keeping": KEPT_NO_LONGER,
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
    "relay booking_payment_due": REMINDING,
    "notify.on_booking_payment_due": REMINDING,
    "POST /api/v1/customer/series/<id:series_id>/pay": (
        "asks `payment.process_payment`, which has a row, for each visit under a key of its own"
    ),
    "POST /api/v1/admin/refunds": OVERRIDING,
    "POST /api/v1/admin/refunds/preview": OVERRIDING,
    "POST /api/v1/admin/refunds/<id:refund_id>/retry": OVERRIDING,
    "POST /api/v1/customer/payments/tip": TIPPING,
    "payment.tip_booking": TIPPING,
    "job abandon_tip": TIPPING,
    "payment.refund_payment": OVERRIDING,
    "payment.retry_refund": OVERRIDING,
    "job take_in_time": SAFETY_NET,
    "payment.measure_open_work": HOUSEKEEPING,
    "payment.forget_old": HOUSEKEEPING,
    "booking.call_for_new_days": NEW_DAYS,
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
