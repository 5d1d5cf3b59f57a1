"""The nameko door of search: checks, calls, answers."""

from typing import Any

from services.search.settings import SearchSettings
from services.search.usecases.find_providers import find_providers
from services.search.usecases.show_catalogue import get_provider, list_categories, list_reviews
from shared.contracts import search as contract
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import rpc
from shared.worker.resources import Resources


class SearchResources(Resources):
    """What a search process opens once: database and relay."""

    settings_type = SearchSettings
    settings: SearchSettings


class SearchService:
    """Finding and showing the catalogue; everyone may ask, so nobody is asked who they are."""

    name = contract.SERVICE
    resources = SearchResources()

    @rpc(contract.LIST_CATEGORIES)
    def list_categories(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return list_categories(self.resources.reading)

    @rpc(contract.SEARCH_PROVIDERS)
    def search_providers(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return find_providers(self.resources.reading, request)

    @rpc(contract.GET_PROVIDER)
    def get_provider(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return get_provider(self.resources.reading, request)

    @rpc(contract.LIST_REVIEWS)
    def list_reviews(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return list_reviews(self.resources.reading, request)


SERVICE = SearchService
