"""Reads where services are given and whether their providers are asked first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from services.booking.domain.booking import Place
from services.booking.domain.offering import Acceptance
from services.booking.store.catalogue_tables import service
from services.booking.store.supply_tables import service_rules as rules


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """`answer_hours`: the provider is asked first, and has so long to answer."""

    service_id: str
    places: tuple[str, ...]
    answer_hours: int | None


def terms_of_services(connection: Connection, service_ids: Sequence[str]) -> list[ServiceTerms]:
    """Of those that are on offer; without rules of its own a service is given at the provider's, at once."""
    statement = (
        select(service.c.id, rules.c.places, rules.c.acceptance, rules.c.answer_hours)
        .select_from(service.outerjoin(rules, rules.c.service_id == service.c.id))
        .where(service.c.id.in_(service_ids), ~service.c.withdrawn)
        .order_by(service.c.id)
    )
    return [
        ServiceTerms(
            str(row.id),
            tuple(row.places or (Place.PROVIDER.value,)),
            row.answer_hours if row.acceptance == Acceptance.PROVIDER else None,
        )
        for row in connection.execute(statement)
    ]
