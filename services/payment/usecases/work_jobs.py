"""The jobs of payment: payments that were left without an outcome, unpaid ones to take back, webhooks."""

import functools
from collections.abc import Mapping

from sqlalchemy import Connection

from services.payment.domain.states import SETTLED, State
from services.payment.store import payments
from services.payment.store.rows import Payment
from services.payment.usecases.begin_payment import TIP_END_JOB
from services.payment.usecases.catch_up import LOOK_JOB, ROUND_JOB, look_again, reconcile
from services.payment.usecases.catch_up_accounts import ACCOUNT_JOB, catch_up_account
from services.payment.usecases.close_days import CLOSE_JOB, close_ledger
from services.payment.usecases.compare_daily import COMPARE_JOB, compare_part
from services.payment.usecases.converge import RESUME_JOB
from services.payment.usecases.desk import Desk
from services.payment.usecases.dispute_webhooks import LOOK_AT_DISPUTE_JOB, look_at_open_dispute
from services.payment.usecases.drive import abandon, observe_again
from services.payment.usecases.hear_events import ABANDON_JOB
from services.payment.usecases.holds import HOLD_JOB
from services.payment.usecases.make_payouts import PAYOUT_JOB, begin_payouts, make_payout
from services.payment.usecases.make_payouts import ROUND_JOB as PAYOUT_ROUND_JOB
from services.payment.usecases.prove_days import PROVE_JOB, prove_ledger
from services.payment.usecases.refunds_due import REFUND_JOB
from services.payment.usecases.return_commission import return_commission
from services.payment.usecases.return_transfers import RETURN_JOB, REVERSE_JOB, move_transfer
from services.payment.usecases.send_payouts import LOOK_JOB as LOOK_AT_PAYOUT_JOB
from services.payment.usecases.send_payouts import look_at_payout
from services.payment.usecases.send_refunds import send_refund
from services.payment.usecases.settle_hold import TAKE_JOB, settle_hold, take_before_it_lapses
from services.payment.usecases.settle_refunds import FEE_JOB
from services.payment.usecases.webhooks import WORK_JOB, work_webhook
from shared.errors import request_in_progress
from shared.messages.jobs import Close, Handler, Job


def job_handlers(desk: Desk) -> Mapping[str, Handler]:
    """The handler of each kind of job. What they do is safe to repeat."""
    return {
        RESUME_JOB: functools.partial(resume_payment, desk),
        ABANDON_JOB: functools.partial(abandon_payment, desk),
        TIP_END_JOB: functools.partial(abandon_payment, desk),
        REFUND_JOB: functools.partial(send_refund, desk),
        FEE_JOB: functools.partial(return_commission, desk),
        HOLD_JOB: functools.partial(settle_hold, desk),
        TAKE_JOB: functools.partial(take_before_it_lapses, desk),
        WORK_JOB: functools.partial(work_webhook, desk),
        ROUND_JOB: functools.partial(reconcile, desk),
        LOOK_JOB: functools.partial(look_again, desk),
        ACCOUNT_JOB: functools.partial(catch_up_account, desk),
        LOOK_AT_DISPUTE_JOB: functools.partial(look_at_open_dispute, desk),
        REVERSE_JOB: functools.partial(move_transfer, desk),
        RETURN_JOB: functools.partial(move_transfer, desk),
        COMPARE_JOB: functools.partial(compare_part, desk),
        CLOSE_JOB: functools.partial(close_ledger, desk),
        PROVE_JOB: functools.partial(prove_ledger, desk),
        PAYOUT_ROUND_JOB: functools.partial(begin_payouts, desk),
        PAYOUT_JOB: functools.partial(make_payout, desk),
        LOOK_AT_PAYOUT_JOB: functools.partial(look_at_payout, desk),
    }


def resume_payment(desk: Desk, job: Job) -> Close:
    """Go on with a payment until it is settled, or until only the customer can go on.

    Raises `request_in_progress` while its outcome is open, so that the job comes again, later each time.
    """
    payment, _ = observe_again(desk, _payment(desk, job))
    if payment.state not in SETTLED and payment.state is not State.FAILED_RETRYABLE:
        raise request_in_progress("The outcome of this payment is not known yet.")
    return _nothing_more


def abandon_payment(desk: Desk, job: Job) -> Close:
    """Take back a payment whose booking has ended. Raises like `abandon`."""
    abandon(desk, _payment(desk, job))
    return _nothing_more


def _payment(desk: Desk, job: Job) -> Payment:
    with desk.reading() as connection:
        return payments.by_id(connection, job.payload["payment_id"])


def _nothing_more(connection: Connection) -> None:
    """Everything was written step by step."""
