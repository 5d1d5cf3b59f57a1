"""Boxes that hold what is near (rule B15).

A place is a point in space, in kilometres from the centre of a sphere. The straight line between
two such points (the chord) grows with the great-circle distance, so a box around a point in space
finds what is near without a special case for any longitude or latitude, and sorting by the chord
is sorting by distance.
"""

from dataclasses import dataclass
from math import sin

from shared.geo import EARTH_RADIUS_KM, Point, Vector, vector


@dataclass(frozen=True, slots=True)
class Box:
    """The points in space between two corners."""

    low: Vector
    high: Vector


def chord_km(distance_km: float) -> float:
    """The chord that spans a great-circle distance of at most half the earth's circumference."""
    return 2 * EARTH_RADIUS_KM * sin(distance_km / (2 * EARTH_RADIUS_KM))


def box_around(point: Point, radius_km: float) -> Box:
    """A box that holds every place within the radius, and some more."""
    reach = chord_km(radius_km)
    x, y, z = vector(point)
    return Box((x - reach, y - reach, z - reach), (x + reach, y + reach, z + reach))
