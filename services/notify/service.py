"""The door of notify: RPC methods, event handlers, a timer; what they do is in usecases/."""

from typing import Any

from services.notify.settings import NotifySettings
from services.notify.usecases import accounts_copy, booking_news, capture_news, forget, inbox, refund_news
from shared.contracts import booking_events
from shared.contracts import booking_no_show as no_show_contract
from shared.contracts import booking_series as series_contract
from shared.contracts import gateway as gateway_contract
from shared.contracts import notify as contract
from shared.contracts import payment as payment_contract
from shared.contracts.declaration import Caller
from shared.messages.envelope import Event
from shared.worker.entrypoints import every, on_event, rpc
from shared.worker.resources import Resources

Object = dict[str, Any]

FORGET_SECONDS = 3600


class NotifyResources(Resources):
    """What this process opens once."""

    settings_type = NotifySettings
    settings: NotifySettings


class NotifyService:
    """The messages: each person's inbox."""

    name = contract.SERVICE
    resources = NotifyResources()

    @rpc(contract.LIST_NOTIFICATIONS)
    def list_notifications(self, request: Object, caller: Caller) -> Object:
        return inbox.list_notifications(self.resources.reading, request, caller)

    @rpc(contract.MARK_READ)
    def mark_read(self, request: Object, caller: Caller) -> Object:
        return inbox.mark_read(self.resources.transaction, request, caller)

    @on_event(gateway_contract.USER_REGISTERED)
    def on_user_registered(self, event: Event) -> None:
        accounts_copy.apply_account(self.resources.transaction, event)

    @on_event(gateway_contract.USER_CHANGED)
    def on_user_changed(self, event: Event) -> None:
        accounts_copy.apply_account(self.resources.transaction, event)

    @on_event(booking_events.BOOKING_HELD)
    def on_booking_held(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(booking_events.BOOKING_ANSWER_DUE)
    def on_booking_answer_due(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(series_contract.BOOKING_PAYMENT_DUE)
    def on_booking_payment_due(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(booking_events.BOOKING_CONFIRMED)
    def on_booking_confirmed(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(booking_events.BOOKING_RESCHEDULED)
    def on_booking_rescheduled(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(booking_events.BOOKING_CANCELLED)
    def on_booking_cancelled(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(booking_events.BOOKING_EXPIRED)
    def on_booking_expired(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(no_show_contract.BOOKING_NO_SHOW)
    def on_booking_no_show(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(no_show_contract.BOOKING_CONTESTED)
    def on_booking_contested(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(no_show_contract.BOOKING_NO_SHOW_STANDS)
    def on_booking_no_show_stands(self, event: Event) -> None:
        booking_news.tell(self.resources.transaction, event)

    @on_event(payment_contract.PAYMENT_REFUNDED)
    def on_payment_refunded(self, event: Event) -> None:
        refund_news.tell_refund(self.resources.transaction, event)

    @on_event(payment_contract.PAYMENT_CAPTURED)
    def on_payment_captured(self, event: Event) -> None:
        capture_news.tell_capture(self.resources.transaction, event)

    @every(seconds=FORGET_SECONDS)
    def forget_old(self) -> None:
        forget.forget_old(self.resources.transaction)


SERVICE = NotifyService
