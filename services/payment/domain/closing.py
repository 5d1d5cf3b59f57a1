"""What a closed day of the ledger is, which day comes next, and how each is chained to the one before."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.payment.domain.operator_days import ONE_DAY, Period, beginning_of, day_of

FIRST = ""
"""What the first day is chained to."""


@dataclass(frozen=True)
class SealedDay:
    """A day to which nothing can be posted any more; `zone` is the one by which it ends."""

    day: date
    period: Period
    zone: str


@dataclass(frozen=True)
class Balance:
    """An account that moved on a day, in minor units; debits and credits are not negative."""

    account: str
    currency: str
    opening: int
    debits: int
    credits: int
    closing: int
    transactions: int


@dataclass(frozen=True)
class Summary:
    """What was found in a day: counts, and digests of all its entries and of its balances."""

    transactions: int
    entries: int
    entries_digest: str
    balances_digest: str


def first_day(posted_at: datetime, zone: ZoneInfo) -> SealedDay:
    """The day of the first posting."""
    day = day_of(posted_at, zone)
    return SealedDay(day, Period(beginning_of(day, zone), beginning_of(day + ONE_DAY, zone)), zone.key)


def following(last: SealedDay, zone: ZoneInfo) -> SealedDay:
    """The next day: it begins where the last one ended, so that days have no gap and no overlap, also when
    the operator moves to another zone; the first one there is longer or shorter."""
    begins = last.period.ends
    day = max(last.day + ONE_DAY, day_of(begins, zone))
    ends = beginning_of(day + ONE_DAY, zone)
    return SealedDay(day, Period(begins, ends), zone.key)


def balances_digest(balances: Iterable[Balance]) -> str:
    """SHA-256 over all balances of a day, in order of account and currency."""
    lines = ("|".join(str(value) for value in vars(one).values()) for one in balances)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def digest_of(previous: str, sealed: SealedDay, found: Summary) -> str:
    """SHA-256 over the day, what was found in it, and the digest of the day before: whoever alters a closed
    day has to alter all that follow, and the last digest stands in the log too."""
    parts = (
        previous,
        sealed.day.isoformat(),
        sealed.period.begins.isoformat(),
        sealed.period.ends.isoformat(),
        sealed.zone,
        str(found.transactions),
        str(found.entries),
        found.entries_digest,
        found.balances_digest,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
