"""The part of the door that hears of the catalogue and of payments."""

from typing import Any

from services.booking.resources import BookingResources
from services.booking.usecases import catalogue_copy, payment_outcomes
from shared.contracts import payment as payment_contract
from shared.contracts import search as search_contract
from shared.messages.envelope import Event
from shared.worker.entrypoints import on_event

Object = dict[str, Any]


class HearingDoor:
    """Served as a part of BookingService, which opens what it needs."""

    resources: BookingResources

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
