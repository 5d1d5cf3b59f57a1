"""Who receives the care of a visit, and where a home visit is (promise C10)."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from services.booking.domain.local_time import Interval
from services.booking.domain.states import State
from shared.geo import Point


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives the care when it is not the customer; `notes` are for the carer."""

    name: str
    relation: str | None = None
    birth_year: int | None = None
    phone: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a home visit is."""

    lines: tuple[str, ...]
    city: str
    point: Point


@dataclass(frozen=True, slots=True)
class Care:
    """What only those who are concerned see of a booking."""

    recipient: Recipient | None = None
    address: Address | None = None
    provider_notes: str | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Who is where a visit is, and when: the recipient by their name, or None, the customer (rule C19).

    A customer who is with the carer of somebody else is not asked for: two visits of which one is for another
    than the other are not two places. `besides`: ids of bookings that do not count, its own and the one that
    it replaces.
    """

    customer_id: str
    recipient: str | None
    visit: Interval
    besides: tuple[str, ...]


def whereabouts(
    customer_id: str, recipient: Recipient | None, visit: Interval, *besides: str | None
) -> Whereabouts:
    others = tuple(one for one in besides if one is not None)
    return Whereabouts(customer_id, recipient.name if recipient else None, visit, others)


def visit_of_same(there: Whereabouts, visits: Iterable[tuple[str, str | None]]) -> str | None:
    """The first of these visits (id, name of the recipient) that is of the same person."""
    return next((one for one, name in visits if is_same(there, name)), None)


def is_same(there: Whereabouts, name: str | None) -> bool:
    """Whether this is the same person: the customer, or who has the same name, however it is written."""
    return _as_written_by_anybody(name) == _as_written_by_anybody(there.recipient)


def _as_written_by_anybody(name: str | None) -> str | None:
    """Without capitals, spaces that say nothing, and the two ways in which Unicode writes one letter."""
    if name is None:
        return None
    # Some small letters are written in two ways again after that.
    small = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", small).split())


class Viewer(StrEnum):
    """As what somebody looks at a booking."""

    CUSTOMER = "customer"
    OWNER = "owner"
    """Of the provider."""
    DOER = "doer"
    """One of the staff who do it."""
    OTHER = "other"
    """A colleague, or an administrator."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What of the care one viewer sees; `city_only`: of the address. `notes`: the customer's."""

    recipient: Recipient | None
    address: Address | None
    city_only: bool
    notes: str | None
    provider_notes: str | None


AGREED = frozenset({State.CONFIRMED, State.IN_PROGRESS, State.COMPLETED, State.NO_SHOW})
"""From the confirmation on the provider is told where to go, and whom to call; of a visit that will not take
place no more."""


def seen_by(viewer: Viewer, state: State, care: Care, notes: str | None) -> Seen:
    """The customer sees what they said; the provider's people what they need, when they need it.

    What the customer has noted is told with the address: under which mat the key is says where to go too.
    """
    if viewer is Viewer.OTHER:
        return Seen(None, None, False, None, None)
    if viewer is Viewer.CUSTOMER or state in AGREED:
        return Seen(care.recipient, care.address, False, notes, care.provider_notes)
    without_phone = replace(care.recipient, phone=None) if care.recipient else None
    return Seen(without_phone, care.address, True, None, care.provider_notes)
