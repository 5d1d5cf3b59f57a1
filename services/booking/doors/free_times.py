"""The part of the door that tells what can be booked."""

from typing import Any

from services.booking.resources import BookingResources
from services.booking.usecases import availability, explanations, free_providers, service_terms
from shared.contracts import booking as contract
from shared.contracts import booking_terms as terms_contract
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import rpc

Object = dict[str, Any]


class FreeTimesDoor:
    """Served as a part of BookingService, which opens what it needs."""

    resources: BookingResources

    @rpc(contract.GET_AVAILABILITY)
    def get_availability(self, request: Object, caller: Caller) -> Object:
        return availability.get_availability(self.resources.reading, request)

    @rpc(contract.EXPLAIN_AVAILABILITY)
    def explain_availability(self, request: Object, caller: Caller) -> Object:
        return explanations.explain_availability(self.resources.reading, request)

    @rpc(contract.FIND_FREE_PROVIDERS)
    def find_free_providers(self, request: Object, caller: Caller) -> Object:
        return free_providers.find_free_providers(self.resources.reading, request)

    @rpc(terms_contract.GET_SERVICE_TERMS)
    def get_service_terms(self, request: Object, caller: Caller) -> Object:
        return service_terms.get_service_terms(self.resources.reading, request)
