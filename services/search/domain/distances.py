"""Distances on the earth, right everywhere: over the antimeridian and at the poles too (rule B15).

A place is a point in space, in kilometres from the centre of a sphere. The straight line between
two such points (the chord) grows with the great-circle distance, so a box around a point in space
finds what is near without a special case for any longitude or latitude, and sorting by the chord
is sorting by distance.
"""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088
"""The mean radius of the earth (IUGG: (2a + b) / 3). The store's generated column uses it too."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """A place by its WGS 84 degrees: latitude -90 to 90, longitude -180 to 180."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Box:
    """The points in space between two corners."""

    low: Vector
    high: Vector


def vector(point: Point) -> Vector:
    """The point in space, kilometres from the earth's centre."""
    latitude, longitude = radians(point.latitude), radians(point.longitude)
    from_axis = EARTH_RADIUS_KM * cos(latitude)
    return (from_axis * cos(longitude), from_axis * sin(longitude), EARTH_RADIUS_KM * sin(latitude))


def chord_km(distance_km: float) -> float:
    """The chord that spans a great-circle distance of at most half the earth's circumference."""
    return 2 * EARTH_RADIUS_KM * sin(distance_km / (2 * EARTH_RADIUS_KM))


def distance_km(chord: float) -> float:
    """The great-circle distance that a chord of so many kilometres spans."""
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, chord / (2 * EARTH_RADIUS_KM)))


def great_circle_km(one: Point, other: Point) -> float:
    """The shortest way between two places on the surface, in kilometres."""
    squares = sum((a - b) ** 2 for a, b in zip(vector(one), vector(other), strict=True))
    return distance_km(sqrt(squares))


def box_around(point: Point, radius_km: float) -> Box:
    """A box that holds every place within the radius, and some more."""
    reach = chord_km(radius_km)
    x, y, z = vector(point)
    return Box((x - reach, y - reach, z - reach), (x + reach, y + reach, z + reach))
