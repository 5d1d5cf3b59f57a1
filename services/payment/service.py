"""The door of the payment service: RPC methods, event handlers, timers."""

from typing import Any

from services.payment.resources import FORGET_SECONDS, MEASURE_SECONDS, RELEASE_SECONDS, PaymentResources
from services.payment.usecases import (
    administrator_refunds,
    hear_events,
    hear_no_shows,
    inspect_disputes,
    inspect_payments,
    kept_webhooks,
    money_figures,
    payment_methods,
    payout_accounts,
    process_payment,
    read_payments,
    read_statements,
    render_documents,
    retry_refund,
    submit_evidence,
    tip_booking,
    webhooks,
    what_if,
)
from services.payment.usecases import commission_rules as rules
from shared.contracts import booking, booking_no_show, search
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller
from shared.messages.envelope import Event
from shared.worker.entrypoints import every, on_event, rpc


class PaymentService:
    """Payments, commission, webhooks."""

    name = contract.SERVICE
    resources = PaymentResources()

    @rpc(contract.PROCESS_PAYMENT)
    def process_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return process_payment.process_payment(self.resources.desk, request, caller)

    @rpc(contract.CONFIRM_PAYMENT)
    def confirm_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_payments.confirm_payment(self.resources.desk, request["payment_intent_id"], caller)

    @rpc(contract.TIP_BOOKING)
    def tip_booking(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return tip_booking.tip_booking(self.resources.desk, request, caller)

    @rpc(contract.GET_PAYMENT)
    def get_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_payments.get_payment(self.resources.desk, request["payment_id"], caller)

    @rpc(contract.LIST_PAYMENTS)
    def list_payments(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_payments.list_payments(self.resources.desk, request["limit"], request["cursor"], caller)

    @rpc(contract.RECEIVE_WEBHOOK)
    def receive_webhook(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return webhooks.receive_webhook(self.resources.desk, **request)

    @rpc(contract.GET_PAYOUT_ACCOUNT)
    def get_payout_account(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return payout_accounts.get_payout_account(self.resources.desk, request["provider_id"], caller)

    @rpc(contract.OPEN_PAYOUT_ACCOUNT)
    def open_payout_account(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return payout_accounts.open_payout_account(self.resources.desk, request["provider_id"], caller)

    @rpc(contract.LIST_PAYMENT_METHODS)
    def list_payment_methods(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return payment_methods.list_payment_methods(self.resources.desk, request)

    @rpc(contract.GET_PAYMENT_MODE)
    def get_payment_mode(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_payments.get_payment_mode(self.resources.desk)

    @rpc(contract.LIST_COMMISSION_RULES)
    def list_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return rules.list_rules(self.resources.desk, request["limit"], request["cursor"], caller)

    @rpc(contract.PROPOSE_COMMISSION_RULES)
    def propose_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return rules.propose(self.resources.desk, request, caller)

    @rpc(contract.PREVIEW_COMMISSION_RULES)
    def preview_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return what_if.preview(self.resources.desk, request, caller)

    @rpc(contract.GET_MONEY_FIGURES)
    def get_money_figures(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return money_figures.get_money_figures(self.resources.desk, request, caller)

    @rpc(contract.PREVIEW_REFUND)
    def preview_refund(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return administrator_refunds.preview_refund(self.resources.desk, request, caller)

    @rpc(contract.REFUND_PAYMENT)
    def refund_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return administrator_refunds.refund_payment(self.resources.desk, request, caller)

    @rpc(contract.RETRY_REFUND)
    def retry_refund(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return retry_refund.decide_refund(self.resources.desk, request, caller)

    @rpc(contract.LIST_REFUNDS)
    def list_refunds(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return inspect_payments.list_refunds(self.resources.desk, request, caller)

    @rpc(contract.INSPECT_PAYMENT)
    def inspect_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return inspect_payments.inspect_payment(self.resources.desk, request["payment_id"], caller)

    @rpc(contract.GET_EARNINGS)
    def get_earnings(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_statements.get_earnings(self.resources.desk, request["provider_id"], caller)

    @rpc(contract.GET_STATEMENT)
    def get_statement(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_statements.get_statement(self.resources.desk, request, caller)

    @rpc(contract.GET_STATEMENT_CSV)
    def get_statement_csv(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_statements.get_statement_csv(self.resources.desk, request, caller)

    @rpc(contract.GET_STATEMENT_PDF)
    def get_statement_pdf(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return render_documents.get_statement_pdf(self.resources.desk, request, caller)

    @rpc(contract.GET_INVOICE)
    def get_invoice(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return render_documents.get_invoice(self.resources.desk, request, caller)

    @rpc(contract.GET_CREDIT_NOTE)
    def get_credit_note(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return render_documents.get_credit_note(self.resources.desk, request, caller)

    @rpc(contract.LIST_DISPUTES)
    def list_disputes(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return inspect_disputes.list_disputes(self.resources.desk, request, caller)

    @rpc(contract.GET_DISPUTE)
    def get_dispute(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return inspect_disputes.get_dispute(self.resources.desk, request["dispute_id"], caller)

    @rpc(contract.SUBMIT_DISPUTE_EVIDENCE)
    def submit_dispute_evidence(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return submit_evidence.submit_evidence(self.resources.desk, request, caller)

    @rpc(contract.LIST_WEBHOOKS)
    def list_webhooks(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return kept_webhooks.list_webhooks(self.resources.desk, request, caller)

    @rpc(contract.REPLAY_WEBHOOK)
    def replay_webhook(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return kept_webhooks.replay_webhook(self.resources.desk, request, caller)

    @on_event(search.PROVIDER_PUBLISHED)
    def on_provider_published(self, event: Event) -> None:
        hear_events.on_provider_published(self.resources.desk, event)

    @on_event(search.SERVICE_PUBLISHED)
    def on_service_published(self, event: Event) -> None:
        hear_events.on_service_published(self.resources.desk, event)

    @on_event(booking.BOOKING_EXPIRED)
    def on_booking_expired(self, event: Event) -> None:
        hear_events.on_booking_expired(self.resources.desk, event)

    @on_event(booking.BOOKING_CANCELLED)
    def on_booking_cancelled(self, event: Event) -> None:
        hear_events.on_booking_cancelled(self.resources.desk, event)

    @on_event(booking.BOOKING_RESCHEDULED)
    def on_booking_rescheduled(self, event: Event) -> None:
        hear_events.on_booking_rescheduled(self.resources.desk, event)

    @on_event(booking_no_show.BOOKING_NO_SHOW)
    def on_booking_no_show(self, event: Event) -> None:
        hear_no_shows.on_booking_no_show(self.resources.desk, event)

    @on_event(booking_no_show.BOOKING_CONTESTED)
    def on_booking_contested(self, event: Event) -> None:
        hear_no_shows.on_booking_contested(self.resources.desk, event)

    @on_event(booking_no_show.BOOKING_NO_SHOW_STANDS)
    def on_booking_no_show_stands(self, event: Event) -> None:
        hear_no_shows.on_booking_no_show_stands(self.resources.desk, event)

    @on_event(booking.BOOKING_COMPLETED)
    def on_booking_completed(self, event: Event) -> None:
        hear_events.on_booking_completed(self.resources.desk, event)

    @every(seconds=1)
    def begin_round(self) -> None:
        self.resources.begin_round()

    @every(seconds=1)
    def work_jobs(self) -> None:
        self.resources.work_jobs()

    @every(seconds=RELEASE_SECONDS)
    def release_shares(self) -> None:
        self.resources.release_shares()

    @every(seconds=MEASURE_SECONDS)
    def measure_open_work(self) -> None:
        self.resources.measure_open_work()

    @every(seconds=FORGET_SECONDS)
    def forget_old(self) -> None:
        self.resources.forget_old()


SERVICE = PaymentService
