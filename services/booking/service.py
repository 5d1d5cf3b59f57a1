"""The door of booking: RPC methods, event handlers, timers; what they do is in usecases/."""

from typing import Any

from services.booking.resources import BookingResources
from services.booking.series_door import SeriesDoor
from services.booking.usecases import (
    answer_booking,
    availability,
    cancel_booking,
    catalogue_copy,
    change_notes,
    expiry,
    explanations,
    forget,
    free_providers,
    hold_slot,
    measure,
    no_show,
    payment_outcomes,
    read_bookings,
    read_contests,
    read_history,
    read_supply_changes,
    read_visits,
    refund_quote,
    reschedule,
    service_terms,
    show_supply,
    supply_commands,
    visit_commands,
)
from services.booking.usecases.complete_overdue import complete_overdue
from services.booking.usecases.prepare_payment import prepare_payment
from shared.contracts import booking as contract
from shared.contracts import booking_no_show as no_show_contract
from shared.contracts import booking_terms as terms_contract
from shared.contracts import payment as payment_contract
from shared.contracts import search as search_contract
from shared.contracts.declaration import Caller
from shared.messages.envelope import Event
from shared.worker.entrypoints import every, on_event, rpc

Object = dict[str, Any]
SWEEP_SECONDS, COMPLETE_SECONDS, MEASURE_SECONDS, FORGET_SECONDS = 1, 5, 5, 3600


class BookingService(SeriesDoor):
    """The calendar: free times, holds, bookings."""

    name = contract.SERVICE
    resources = BookingResources()

    @rpc(contract.GET_AVAILABILITY)
    def get_availability(self, request: Object, caller: Caller) -> Object:
        return availability.get_availability(self.resources.transaction, request)

    @rpc(contract.EXPLAIN_AVAILABILITY)
    def explain_availability(self, request: Object, caller: Caller) -> Object:
        return explanations.explain_availability(self.resources.transaction, request)

    @rpc(contract.FIND_FREE_PROVIDERS)
    def find_free_providers(self, request: Object, caller: Caller) -> Object:
        return free_providers.find_free_providers(self.resources.transaction, request)

    @rpc(terms_contract.GET_SERVICE_TERMS)
    def get_service_terms(self, request: Object, caller: Caller) -> Object:
        return service_terms.get_service_terms(self.resources.transaction, request)

    @rpc(contract.CREATE_BOOKING)
    def create_booking(self, request: Object, caller: Caller) -> Object:
        return hold_slot.create_booking(self.resources.transaction, self.resources.settings, request, caller)

    @rpc(contract.GET_BOOKING)
    def get_booking(self, request: Object, caller: Caller) -> Object:
        return read_bookings.read_booking(self.resources.transaction, request, caller)

    @rpc(contract.GET_BOOKING_HISTORY)
    def get_booking_history(self, request: Object, caller: Caller) -> Object:
        return read_history.read_history(self.resources.transaction, request["booking_id"], caller)

    @rpc(contract.LIST_BOOKINGS)
    def list_bookings(self, request: Object, caller: Caller) -> Object:
        return read_bookings.list_bookings(self.resources.transaction, request, caller)

    @rpc(contract.GET_VISIT)
    def get_visit(self, request: Object, caller: Caller) -> Object:
        return read_visits.get_visit(self.resources.transaction, request, caller)

    @rpc(contract.LIST_VISITS)
    def list_visits(self, request: Object, caller: Caller) -> Object:
        return read_visits.list_visits(self.resources.transaction, request, caller)

    @rpc(contract.GET_REFUND_QUOTE)
    def get_refund_quote(self, request: Object, caller: Caller) -> Object:
        return refund_quote.get_refund_quote(self.resources.transaction, request, caller)

    @rpc(contract.CANCEL_BOOKING)
    def cancel_booking(self, request: Object, caller: Caller) -> Object:
        return cancel_booking.cancel_booking(self.resources.transaction, request, caller)

    @rpc(contract.LIST_PROVIDER_BOOKINGS)
    def list_provider_bookings(self, request: Object, caller: Caller) -> Object:
        return read_bookings.list_provider_bookings(self.resources.transaction, request, caller)

    @rpc(contract.START_BOOKING)
    def start_booking(self, request: Object, caller: Caller) -> Object:
        return visit_commands.start_booking(self.resources.transaction, request, caller)

    @rpc(contract.COMPLETE_BOOKING)
    def complete_booking(self, request: Object, caller: Caller) -> Object:
        return visit_commands.complete_booking(self.resources.transaction, request, caller)

    @rpc(contract.CANCEL_FOR_PROVIDER)
    def cancel_for_provider(self, request: Object, caller: Caller) -> Object:
        return visit_commands.cancel_for_provider(self.resources.transaction, request, caller)

    @rpc(contract.ACCEPT_BOOKING)
    def accept_booking(self, request: Object, caller: Caller) -> Object:
        return answer_booking.accept_booking(self.resources.transaction, request, caller)

    @rpc(contract.DECLINE_BOOKING)
    def decline_booking(self, request: Object, caller: Caller) -> Object:
        return answer_booking.decline_booking(self.resources.transaction, request, caller)

    @rpc(contract.GET_RESCHEDULE_QUOTE)
    def get_reschedule_quote(self, request: Object, caller: Caller) -> Object:
        return reschedule.get_reschedule_quote(self.resources.transaction, request, caller)

    @rpc(contract.RESCHEDULE_BOOKING)
    def reschedule_booking(self, request: Object, caller: Caller) -> Object:
        settings = self.resources.settings
        return reschedule.reschedule_booking(self.resources.transaction, settings, request, caller)

    @rpc(no_show_contract.RECORD_NO_SHOW)
    def record_no_show(self, request: Object, caller: Caller) -> Object:
        return no_show.record_no_show(self.resources.transaction, request, caller)

    @rpc(no_show_contract.CONTEST_NO_SHOW)
    def contest_no_show(self, request: Object, caller: Caller) -> Object:
        return no_show.contest_no_show(self.resources.transaction, request, caller)

    @rpc(no_show_contract.DECIDE_NO_SHOW)
    def decide_no_show(self, request: Object, caller: Caller) -> Object:
        return no_show.decide_no_show(self.resources.transaction, request, caller)

    @rpc(no_show_contract.LIST_OPEN_CONTESTS)
    def list_open_contests(self, request: Object, caller: Caller) -> Object:
        return read_contests.list_open_contests(self.resources.transaction, request, caller)

    @rpc(contract.CHANGE_NOTES)
    def change_notes(self, request: Object, caller: Caller) -> Object:
        return change_notes.change_notes(self.resources.transaction, request, caller)

    @rpc(contract.PREPARE_PAYMENT)
    def prepare_payment(self, request: Object, caller: Caller) -> Object:
        return prepare_payment(self.resources.transaction, self.resources.settings, request, caller)

    @rpc(contract.GET_SUPPLY)
    def get_supply(self, request: Object, caller: Caller) -> Object:
        return show_supply.get_supply(self.resources.transaction, request, caller)

    @rpc(contract.LIST_SUPPLY_CHANGES)
    def list_supply_changes(self, request: Object, caller: Caller) -> Object:
        return read_supply_changes.list_supply_changes(self.resources.transaction, request, caller)

    @rpc(contract.CHANGE_HOURS)
    def change_hours(self, request: Object, caller: Caller) -> Object:
        return supply_commands.change_hours(self.resources.transaction, request, caller)

    @rpc(contract.CHANGE_RULES)
    def change_rules(self, request: Object, caller: Caller) -> Object:
        return supply_commands.change_rules(self.resources.transaction, request, caller)

    @rpc(contract.CHANGE_SERVICE_RULES)
    def change_service_rules(self, request: Object, caller: Caller) -> Object:
        return supply_commands.change_service_rules(self.resources.transaction, request, caller)

    @rpc(contract.PUT_STAFF)
    def put_staff(self, request: Object, caller: Caller) -> Object:
        return supply_commands.put_staff(self.resources.transaction, request, caller)

    @rpc(contract.PUT_RESOURCE)
    def put_resource(self, request: Object, caller: Caller) -> Object:
        return supply_commands.put_resource(self.resources.transaction, request, caller)

    @rpc(contract.ADD_TIME_OFF)
    def add_time_off(self, request: Object, caller: Caller) -> Object:
        return supply_commands.add_time_off(self.resources.transaction, request, caller)

    @rpc(contract.REMOVE_TIME_OFF)
    def remove_time_off(self, request: Object, caller: Caller) -> Object:
        return supply_commands.remove_time_off(self.resources.transaction, request, caller)

    @on_event(search_contract.PROVIDER_PUBLISHED)
    def on_provider_published(self, event: Event) -> None:
        catalogue_copy.apply_provider_published(self.resources.transaction, event)

    @on_event(search_contract.PROVIDER_WITHDRAWN)
    def on_provider_withdrawn(self, event: Event) -> None:
        catalogue_copy.apply_provider_withdrawn(self.resources.transaction, event)

    @on_event(search_contract.SERVICE_PUBLISHED)
    def on_service_published(self, event: Event) -> None:
        catalogue_copy.apply_service_published(self.resources.transaction, event)

    @on_event(search_contract.SERVICE_WITHDRAWN)
    def on_service_withdrawn(self, event: Event) -> None:
        catalogue_copy.apply_service_withdrawn(self.resources.transaction, event)

    @on_event(payment_contract.PAYMENT_SUCCEEDED)
    def on_payment_succeeded(self, event: Event) -> None:
        payment_outcomes.apply_payment_succeeded(self.resources.transaction, event)

    @on_event(payment_contract.PAYMENT_PROCESSING)
    def on_payment_processing(self, event: Event) -> None:
        payment_outcomes.apply_payment_processing(self.resources.transaction, event)

    @on_event(payment_contract.PAYMENT_FAILED)
    def on_payment_failed(self, event: Event) -> None:
        payment_outcomes.apply_payment_ended(self.resources.transaction, event)

    @on_event(payment_contract.PAYMENT_CANCELLED)
    def on_payment_cancelled(self, event: Event) -> None:
        payment_outcomes.apply_payment_ended(self.resources.transaction, event)

    @on_event(payment_contract.PAYMENT_REFUNDED)
    def on_payment_refunded(self, event: Event) -> None:
        payment_outcomes.apply_payment_refunded(self.resources.transaction, event)

    @every(seconds=SWEEP_SECONDS)
    def sweep_expired_holds(self) -> None:
        expiry.sweep_expired_holds(self.resources.transaction)

    @every(seconds=COMPLETE_SECONDS)
    def complete_overdue(self) -> None:
        complete_overdue(self.resources.transaction, self.resources.settings.complete_grace)

    @every(seconds=MEASURE_SECONDS)
    def measure_holds(self) -> None:
        measure.measure_holds(self.resources.transaction)
        measure.measure_contests(self.resources.transaction)

    @every(seconds=FORGET_SECONDS)
    def forget_old(self) -> None:
        forget.forget_old(self.resources.transaction)


SERVICE = BookingService
