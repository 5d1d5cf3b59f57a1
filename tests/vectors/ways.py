"""How long the way between two home visits takes, reckoned by the direction from the one to the other."""

from collections.abc import Mapping, Sequence
from math import atan2, ceil, cos, hypot, radians, sin
from typing import Any

EARTH_RADIUS_KM = 6371.0088
MOST_MINUTES = 4 * 60


def way_minutes(travel: Mapping[str, Any], home: Sequence[float]) -> int:
    """From one point to the other, either way, in whole minutes."""
    (latitude, longitude), (to_latitude, to_longitude) = (
        [radians(degrees) for degrees in point] for point in (home, travel["to"])
    )
    east = cos(to_latitude) * sin(to_longitude - longitude)
    north = cos(latitude) * sin(to_latitude) - sin(latitude) * cos(to_latitude) * cos(
        to_longitude - longitude
    )
    up = sin(latitude) * sin(to_latitude) + cos(latitude) * cos(to_latitude) * cos(to_longitude - longitude)
    km = EARTH_RADIUS_KM * atan2(hypot(east, north), up)
    speed_kmh: int = travel["speed_kmh"]
    return min(MOST_MINUTES, ceil(km / speed_kmh * 60))
