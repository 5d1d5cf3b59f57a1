"""Whose plans are kept, and which of their tables grow."""

from tests.plans.plan_files import KeptPlans

WITH_BOOKINGS = (
    *("booking", "allocation", "booking_history", "further_resource", "payment_copy"),
    *("left_seat", "care", "presence", "series", "series_instance", "waitlist_entry", "idempotency", "inbox"),
)
WITH_SUPPLY = (
    *("provider", "service", "calendar", "service_rules", "service_need", "staff", "staff_service"),
    *("opening_hours", "working_hours", "date_hours", "time_off", "supply_history"),
    *("resource", "resource_pool", "resource_unit"),
)
WITH_PAYMENTS = (
    *("payment", "payment_op", "ledger_transaction", "ledger_entry", "document", "job", "webhook_event"),
    *("refund", "booking_cancellation", "booking_completion", "dispute", "dispute_movement", "payout_hold"),
    *("provider_share", "payout", "payout_line", "provider_op", "ledger_closing", "idempotency", "inbox"),
    *("catalogue_provider", "catalogue_service"),
)

BOOKING = KeptPlans(
    "booking",
    frozenset((*WITH_BOOKINGS, *WITH_SUPPLY)),
    frozenset(
        (
            *("ix_booking_hold_end", "ix_booking_live_address", "ix_booking_live_customer"),
            "ix_booking_open_contest",
            *("ix_booking_to_take_place", "ix_payment_copy_in_work", "ix_series_instance_open"),
        )
    ),
    once=True,
)
"""The outbox and the calls of lines are emptied as they fill; refund policies are few."""

PAYMENT = KeptPlans(
    "payment",
    frozenset(WITH_PAYMENTS),
    frozenset(
        (
            *("ix_dispute_open", "ix_dispute_open_opened_at", "ix_payout_hold_open", "ix_refund_open"),
            *("ix_job_due", "ix_job_parked", "ix_payment_held", "ix_payment_unsettled", "ix_payout_moving"),
            *("ix_provider_share_due", "ix_provider_share_waiting", "ix_refund_on_its_way"),
            "uq_payout_one_created_at_a_time",
        )
    ),
    once=True,
    fine=frozenset({("get_statement", "payment")}),
)
"""The outbox likewise; versions of the commission, number series and days of the ledger are few."""
