"""Which days a rule means, and which rules a series may not have (rule T17)."""

from datetime import date

import pytest

from services.booking.domain.recurrence import RecurrenceRefusedError, read_recurrence

MONDAY = date(2027, 1, 4)


@pytest.mark.parametrize(
    ("rule", "first", "days"),
    [
        ("FREQ=WEEKLY;COUNT=3", MONDAY, ["2027-01-04", "2027-01-11", "2027-01-18"]),
        ("freq=weekly;count=2;interval=2", MONDAY, ["2027-01-04", "2027-01-18"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3", MONDAY, ["2027-01-04", "2027-01-07", "2027-01-11"]),
        ("FREQ=WEEKLY;BYDAY=TH;COUNT=1", MONDAY, ["2027-01-07"]),
        ("FREQ=DAILY;UNTIL=20270106", MONDAY, ["2027-01-04", "2027-01-05", "2027-01-06"]),
        ("FREQ=MONTHLY;BYDAY=-1MO;COUNT=2", MONDAY, ["2027-01-25", "2027-02-22"]),
        ("FREQ=MONTHLY;COUNT=3", date(2027, 1, 31), ["2027-01-31", "2027-03-31", "2027-05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", MONDAY, ["2027-01-31", "2027-02-28"]),
    ],
)
def test_a_rule_means_these_local_days(rule: str, first: date, days: list[str]) -> None:
    """The rule is the customer's calendar: the day it begins with counts only if it matches (rule T17)."""
    assert [day.isoformat() for day in read_recurrence(rule).days(first)] == days


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;COUNT=2",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;COUNT=2;UNTIL=20270301",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=53",
        "FREQ=WEEKLY;COUNT=2;COUNT=3",
        "FREQ=DAILY;UNTIL=20270501",
        "FREQ=WEEKLY;UNTIL=20261231",
        "FREQ=WEEKLY;UNTIL=20270301T100000Z",
        "FREQ=WEEKLY;COUNT=2;BYHOUR=10",
        "FREQ=WEEKLY;COUNT=2;BYDAY=2MO",
        "FREQ=WEEKLY;COUNT=2;BYDAY=XX",
        "FREQ=WEEKLY;COUNT=2;BYMONTHDAY=3",
        "FREQ=MONTHLY;COUNT=2;BYMONTHDAY=32",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=1",
        "nonsense",
        "",
    ],
)
def test_other_rules_are_refused(rule: str) -> None:
    """More than 52 visits, times of the day, no end, no day at all: not a series of ours (rule T17).

    One that never matches is not looked at for ever.
    """
    with pytest.raises(RecurrenceRefusedError):
        read_recurrence(rule).days(MONDAY)
