"""Whose inbox an event concerns."""

from collections.abc import Iterable

from services.notify.domain.phrases import Reader
from services.notify.domain.visit import Visit


def readers_of(visit: Visit, member_ids: Iterable[str]) -> dict[str, Reader]:
    """Each person once: the customer, and every other member of the provider."""
    readers = dict.fromkeys(member_ids, Reader.PROVIDER)
    return {**readers, visit.customer_id: Reader.CUSTOMER}
