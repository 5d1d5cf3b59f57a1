"""A cursor is good for the query that it came from, unchanged, and for nothing else."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cursors import read_cursor, write_cursor
from shared.errors import ServiceError

ID = "019b77b5-f480-77a7-b633-e7184fa48e72"
QUERY = ("search_providers", "massage", None, 4.5)
TYPES = (float, int, str)
PLACE = (1.0 / 3.0, 42, ID)


def test_reads_what_it_wrote() -> None:
    """promise B1: to the last bit of a distance, or a page would repeat or skip a result."""
    assert read_cursor(write_cursor(QUERY, PLACE), QUERY, TYPES) == PLACE


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**62), 2**62))
def test_reads_any_place(number: float, count: int) -> None:
    place = (number, count, ID)
    assert read_cursor(write_cursor(QUERY, place), QUERY, TYPES) == place


def refused(cursor: str, query: tuple[object, ...] = QUERY, types: tuple[type, ...] = TYPES) -> bool:
    try:
        read_cursor(cursor, query, types)
    except ServiceError as error:
        return error.code == "cursor_invalid"
    return False


@pytest.mark.parametrize("position", range(0, 60, 7))
def test_a_changed_cursor_is_refused(position: int) -> None:
    cursor = write_cursor(QUERY, PLACE)
    other = "A" if cursor[position] != "A" else "B"
    assert refused(cursor[:position] + other + cursor[position + 1 :])


def test_a_cursor_of_another_query_is_refused() -> None:
    assert refused(write_cursor(QUERY, PLACE), ("search_providers", "nursing", None, 4.5))
    assert refused(write_cursor(QUERY, PLACE), ("search_providers", "massage", 4.5, None))


def test_an_instant_comes_back_as_an_instant() -> None:
    place = (datetime(2027, 1, 15, 10, 0, 0, 1, tzinfo=UTC), ID)
    assert read_cursor(write_cursor(QUERY, place), QUERY, (datetime, str)) == place


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2027-01-15", "2027-01-15T10:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_an_instant_that_is_none_is_refused(text: str) -> None:
    assert refused(write_cursor(QUERY, (text, ID)), types=(datetime, str))


@given(st.text(max_size=80))
def test_any_other_text_is_refused(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    "place",
    [
        (1.0, ID),
        (1, 42, ID),
        (1.0, True, ID),
        (1.0, 2**63, ID),
        (float("inf"), 42, ID),
        (float("nan"), 42, ID),
        (1.0, 42, "no id"),
        (1.0, 42, None),
    ],
)
def test_a_place_that_does_not_fit_never_reaches_the_database(place: tuple[object, ...]) -> None:
    """Whoever reads our source can write a digest; types and bounds are checked all the same."""
    assert refused(write_cursor(QUERY, place))


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"\xff\xfe", b"3", b"null"])
def test_a_body_that_is_no_list_is_refused(body: bytes) -> None:
    good = base64.urlsafe_b64decode(write_cursor(QUERY, PLACE) + "==")
    assert refused(base64.urlsafe_b64encode(good[:9] + body).decode().rstrip("="))
