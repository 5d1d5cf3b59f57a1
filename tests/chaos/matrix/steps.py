"""The steps of the crash matrix: everything that writes, sends or calls on the way of a booking."""

from tests.chaos.matrix.declaring import example, handler, method, relay, route
from tests.chaos.matrix.life_steps import LIFE_STEPS
from tests.chaos.matrix.table import Cell, Kind, Step

REGISTERING = (
    route("registering", "register", "auth/register", commits=("account and event",)),
    example(relay("registering", "register", "user_registered")),
    handler("registering", "register", "notify.on_user_registered", "the account's copy"),
)

PUBLISHING = (
    example(relay("publishing", "publish", "provider_published")),
    relay("publishing", "publish", "service_published"),
    handler("publishing", "publish", "booking.on_provider_published", "the provider's copy"),
    handler("publishing", "publish", "booking.on_service_published", "the service's copy"),
    handler("publishing", "publish", "payment.on_provider_published", "the account's copy"),
)

HOLDING = (
    example(route("holding", "hold", "customer/bookings", "booking.create_booking")),
    example(method("holding", "hold", "booking.create_booking", "booking, allocation, events")),
    example(relay("holding", "hold", "booking_held")),
    relay("holding", "hold", "availability_changed"),
    example(handler("holding", "hold", "notify.on_booking_held", "inbox entries")),
    Step("holding", Kind.HANDLER, "notify.on_booking_held", "hold, told late", fails_once=True),
)

PAYING = (
    route("paying", "pay", "customer/payments/process", "payment.process_payment"),
    method("paying", "pay", "booking.prepare_payment", "the longer hold"),
    Step(
        "paying",
        Kind.METHOD,
        "payment.process_payment",
        "pay",
        commits=("payment, claimed request, job", "intent and claim", "outcome and event"),
        calls=("create", "confirm"),
        asks=("booking.prepare_payment",),
        is_example=True,
    ),
    example(relay("paying", "pay", "payment_succeeded")),
    route("paying", "pay", "customer/payments/webhook", "payment.receive_webhook"),
    method("paying", "pay", "payment.receive_webhook", "webhook and job"),
    Step("paying", Kind.JOB, "job work_webhook", "pay", commits=("what it says, done",), calls=("retrieve",)),
    relay("paying, declined", "be declined", "payment_failed"),
    handler("paying, declined", "be declined", "booking.on_payment_failed", "the payment's copy"),
    relay("paying, no answer", "pay unanswered", "payment_processing"),
    handler("paying, no answer", "pay unanswered", "booking.on_payment_processing", "the longer hold"),
    Step(
        "paying, no answer",
        Kind.JOB,
        "job resume_payment",
        "be looked after",
        commits=("outcome and event", "done"),
        calls=("retrieve",),
    ),
    relay("paying, 3-D Secure", "be asked", "payment_action_required"),
    route(
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
    example(handler("confirming", "pay", "booking.on_payment_succeeded", "booking confirmed, event")),
    relay("confirming", "pay", "booking_confirmed"),
)

CANCELLING = (
    route("cancelling", "cancel", "customer/bookings/<id:booking_id>/cancel", "booking.cancel_booking"),
    method("cancelling", "cancel", "booking.cancel_booking", "cancelled, slot free"),
    relay("cancelling", "cancel", "booking_cancelled"),
    example(handler("cancelling", "cancel", "payment.on_booking_cancelled", "what is owed, job")),
    Step(
        "cancelling, unpaid",
        Kind.JOB,
        "job abandon_payment",
        "cancel unpaid",
        commits=("what Stripe says", "request and claim", "payment cancelled, event", "done"),
        calls=("retrieve", "cancel"),
    ),
    relay("cancelling, unpaid", "cancel unpaid", "payment_cancelled"),
    handler("cancelling, unpaid", "cancel unpaid", "booking.on_payment_cancelled", "the payment's copy"),
)

REFUNDING = (
    route(
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
    relay("refunding", "cancel", "payment_refunded"),
    handler("refunding", "cancel", "booking.on_payment_refunded", "what was given back"),
    handler("refunding", "cancel", "notify.on_payment_refunded", "inbox entries"),
)

EXPIRING = (
    Step(
        "expiring", Kind.TIMER, "booking.sweep_expired_holds", "let expire", commits=("expired, slot free",)
    ),
    relay("expiring", "let expire", "booking_expired"),
    handler("expiring", "let expire", "payment.on_booking_expired", "the job, if there is a payment"),
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
    *LIFE_STEPS,
)

CELLS: tuple[Cell, ...] = tuple(cell for step in STEPS for cell in step.cells())
