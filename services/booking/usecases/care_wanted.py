"""What a request says of who receives the care, and where the visit is."""

from dataclasses import dataclass
from typing import Any

from services.booking.domain.booking import Place
from services.booking.domain.care import Address, Care, Recipient
from services.booking.domain.occupancy import Occupancy
from services.booking.domain.offering import Offering
from services.booking.domain.travel import Travel, travel_to, within_reach
from services.booking.store.supplies import Supplied
from services.booking.usecases.refusals import elsewhere
from shared.contracts.booking import address_needed
from shared.errors import invalid_field
from shared.geo import Point


@dataclass(frozen=True, slots=True)
class WhereTo:
    """Where a visit will be, which place was asked for, who receives the care, and whether ways count."""

    place: Place
    asked: Place | None
    care: Care
    travel: Travel | None


def where_to(request: dict[str, Any], offering: Offering) -> WhereTo:
    """Where the service is given first, unless the request says where.

    Raises `place_not_offered`, `address_needed` for a home visit without one, `validation_failed` for
    another that has one.
    """
    asked = Place(request["place"]) if request["place"] is not None else None
    if asked is not None and asked not in offering.places:
        raise elsewhere(offering.places)
    place, care = asked or offering.places[0], _care(request)
    _check_address(place, care.address)
    target = care.address.point if care.address else None
    return WhereTo(place, asked, care, travel_to(offering.supply, place, target))


def with_ways(supplied: Supplied, latitude: float | None, longitude: float | None) -> Occupancy:
    """What is occupied, and who is too far from a home visit at this point, where it is known.

    Raises `validation_failed` for half a point.
    """
    if latitude is None or longitude is None:
        if latitude is not None or longitude is not None:
            raise invalid_field("latitude", "Both latitude and longitude, or neither.")
        return supplied.occupancy
    offering, point = supplied.offering, Point(latitude, longitude)
    place = Place.CUSTOMER if Place.CUSTOMER in offering.places else offering.places[0]
    return within_reach(supplied.occupancy, offering.supply, travel_to(offering.supply, place, point))


def _care(request: dict[str, Any]) -> Care:
    recipient = Recipient(**request["recipient"]) if request.get("recipient") else None
    given = request.get("address")
    if given is None:
        return Care(recipient)
    point = Point(given["latitude"], given["longitude"])
    return Care(recipient, Address(tuple(given["lines"]), given["city"], point))


def _check_address(place: Place, address: Address | None) -> None:
    if place is Place.CUSTOMER and address is None:
        raise address_needed(errors={"address": [address_needed.message]})
    if place is not Place.CUSTOMER and address is not None:
        raise invalid_field("address", "Only a visit at the customer's place has an address.")
