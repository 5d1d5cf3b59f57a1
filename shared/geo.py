"""Places on the earth and how far apart they are; right over the antimeridian and at the poles (rule B15)."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088
"""The mean radius of the earth (IUGG: (2a + b) / 3). The store of search has it in a column of its own."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """A place by its WGS 84 degrees: latitude -90 to 90, longitude -180 to 180."""

    latitude: float
    longitude: float


def vector(point: Point) -> Vector:
    """The point in space, kilometres from the earth's centre."""
    latitude, longitude = radians(point.latitude), radians(point.longitude)
    from_axis = EARTH_RADIUS_KM * cos(latitude)
    return (from_axis * cos(longitude), from_axis * sin(longitude), EARTH_RADIUS_KM * sin(latitude))


def distance_km(chord: float) -> float:
    """The great-circle distance that a chord of so many kilometres spans."""
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, chord / (2 * EARTH_RADIUS_KM)))


def great_circle_km(one: Point, other: Point) -> float:
    """The shortest way between two places on the surface, in kilometres."""
    squares = sum((a - b) ** 2 for a, b in zip(vector(one), vector(other), strict=True))
    return distance_km(sqrt(squares))
