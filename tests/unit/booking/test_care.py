"""Whose two visits are at one time is decided by a name, however it is written."""

from datetime import UTC, datetime, timedelta

import pytest

from services.booking.domain.care import Recipient, visit_of_same, whereabouts
from services.booking.domain.local_time import Interval

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
VISIT = Interval(START, START + timedelta(hours=1))

THAIS = "\u03a4\u03b1\u0390\u03c2"
"""A name in Greek with a letter whose capital has no form of its own."""


def _there(name: str | None) -> str | None:
    """The visit that is in the way of one for `name`; None is the customer."""
    there = whereabouts("customer", Recipient(name) if name is not None else None, VISIT)
    return visit_of_same(
        there, [("own", None), ("ada", "Zoë Müller-Straße"), ("omar", "عمر"), ("thais", THAIS)]
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (None, "own"),
        ("Zoë Müller-Straße", "ada"),
        (" zoë  MÜLLER-STRASSE\t", "ada"),
        ("Zoe\u0308 Mu\u0308ller-Straße", "ada"),
        ("عمر ", "omar"),
        (THAIS.upper(), "thais"),
        ("Zoe Muller-Strasse", None),
        ("", None),
    ],
)
def test_a_name_is_the_same_however_it_is_written(name: str | None, found: str | None) -> None:
    """rule C19: capitals, spaces and the two forms of a letter say nothing; another letter does."""
    assert _there(name) == found
