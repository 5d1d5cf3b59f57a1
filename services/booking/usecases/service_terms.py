"""Says of services where they are given and whether their providers are asked first (promise C9)."""

from dataclasses import asdict
from typing import Any

from services.booking.store.service_terms import terms_of_services
from shared.database.transaction import Transaction


def get_service_terms(transaction: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """ServiceTermsSchema: what holds now; holding freezes it."""
    with transaction() as connection:
        found = terms_of_services(connection, sorted(set(request["service_ids"])))
    return {"services": [asdict(terms) | {"places": list(terms.places)} for terms in found]}
