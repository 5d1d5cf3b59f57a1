"""Distances are great-circle distances, everywhere on the earth."""

from math import asin, cos, pi, radians, sin, sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.search.domain.distances import box_around, chord_km
from shared.geo import EARTH_RADIUS_KM, Point, distance_km, great_circle_km, vector

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
radii = st.floats(0.001, 200)
HALF_AROUND_KM = pi * EARTH_RADIUS_KM


def haversine_km(one: Point, other: Point) -> float:
    """The textbook's formula, by angles."""
    latitudes = radians(one.latitude), radians(other.latitude)
    half_height = sin((latitudes[1] - latitudes[0]) / 2)
    half_width = sin(radians(other.longitude - one.longitude) / 2)
    square = half_height**2 + cos(latitudes[0]) * cos(latitudes[1]) * half_width**2
    return 2 * EARTH_RADIUS_KM * asin(min(1, sqrt(square)))


@given(points, points)
def test_equals_the_formula_by_angles(one: Point, other: Point) -> None:
    """rule B15: to a metre, but for the last kilometres before the antipode, where both are rough."""
    expected = haversine_km(one, other)
    assume(expected < HALF_AROUND_KM - 10)
    assert great_circle_km(one, other) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        (Point(40.7128, -74.0060), Point(51.5074, -0.1278), 5570.2),
        (Point(0, 179.9), Point(0, -179.9), 22.24),
        (Point(-17.0, 180.0), Point(-17.0, -180.0), 0.0),
        (Point(89.95, 0), Point(89.95, 180), 11.12),
        (Point(90, 10), Point(90, -170), 0.0),
        (Point(-90, 0), Point(-89, 77), 111.19),
        (Point(0, 0), Point(0, 180), 20015.1),
    ],
)
def test_known_distances(one: Point, other: Point, kilometres: float) -> None:
    """rule B15: over the antimeridian and at the poles too."""
    assert great_circle_km(one, other) == pytest.approx(kilometres, abs=0.06)


@given(points, points)
def test_is_the_same_both_ways(one: Point, other: Point) -> None:
    assert great_circle_km(one, other) == great_circle_km(other, one) <= HALF_AROUND_KM


@given(points, points, radii)
def test_a_box_holds_all_that_is_near(one: Point, other: Point, radius: float) -> None:
    """rule B15: the index may bring too much, never too little."""
    near = Point(
        max(-90, min(90, one.latitude + (other.latitude / 90) * 2)),
        ((one.longitude + other.longitude / 90 + 180) % 360) - 180,
    )
    for candidate in (near, other):
        if great_circle_km(one, candidate) <= radius:
            box = box_around(one, radius)
            where = vector(candidate)
            assert all(low <= part <= high for low, part, high in zip(box.low, where, box.high, strict=True))


@given(st.floats(0, HALF_AROUND_KM - 10))
def test_chord_and_distance_undo_each_other(kilometres: float) -> None:
    assert distance_km(chord_km(kilometres)) == pytest.approx(kilometres, abs=0.001)


@given(st.floats(0, HALF_AROUND_KM), st.floats(0, HALF_AROUND_KM))
def test_who_is_farther_has_the_longer_chord(one: float, other: float) -> None:
    """Sorting by the chord is sorting by distance."""
    assume(abs(one - other) > 0.001)
    assume(max(one, other) < HALF_AROUND_KM - 10)
    assert (chord_km(one) < chord_km(other)) == (one < other)
