"""The door of the payment service: RPC methods, event handlers, timers; some by subject in doors/."""

from typing import Any

from services.payment.doors.administrators import AdministratorsDoor
from services.payment.doors.papers import PapersDoor
from services.payment.resources import FORGET_SECONDS, MEASURE_SECONDS, RELEASE_SECONDS, PaymentResources
from services.payment.usecases import (
    hear_events,
    hear_no_shows,
    payment_methods,
    payout_accounts,
    process_payment,
    read_payments,
    tip_booking,
    webhooks,
)
from shared.contracts import booking_events, booking_no_show, search
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller
from shared.messages.envelope import Event
from shared.worker.entrypoints import every, on_event, rpc


class PaymentService(AdministratorsDoor, PapersDoor):
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

    @on_event(search.PROVIDER_PUBLISHED)
    def on_provider_published(self, event: Event) -> None:
        hear_events.on_provider_published(self.resources.desk, event)

    @on_event(search.SERVICE_PUBLISHED)
    def on_service_published(self, event: Event) -> None:
        hear_events.on_service_published(self.resources.desk, event)

    @on_event(booking_events.BOOKING_EXPIRED)
    def on_booking_expired(self, event: Event) -> None:
        hear_events.on_booking_expired(self.resources.desk, event)

    @on_event(booking_events.BOOKING_CANCELLED)
    def on_booking_cancelled(self, event: Event) -> None:
        hear_events.on_booking_cancelled(self.resources.desk, event)

    @on_event(booking_events.BOOKING_RESCHEDULED)
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

    @on_event(booking_events.BOOKING_COMPLETED)
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
