"""Shows a booking as it was: `python -m services.booking.rebuild --booking ID [--at 2026-11-25T12:00Z]`."""

import argparse
import sys
from collections.abc import Iterator
from os import environ
from uuid import UUID

from services.booking.domain.booking import Booking
from services.booking.domain.past import PastBooking, PastChange
from services.booking.usecases.rebuild import rebuild
from shared import clock
from shared.database.transaction import Database
from shared.errors import ServiceError

EXIT_OK = 0
EXIT_UNKNOWN = 1
EXIT_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """What the booking was, then why: each change with its actor, reason, note and time. Reads the database
    of DATABASE_URL; changes nothing. 1: there was no such booking then."""
    parser = argparse.ArgumentParser(prog="python -m services.booking.rebuild", description=__doc__)
    parser.add_argument("--booking", type=lambda text: str(UUID(text)), required=True)
    parser.add_argument("--at", type=clock.from_text, help="an instant with its offset; left out: now")
    chosen = parser.parse_args(arguments)
    url = environ.get("DATABASE_URL", "")
    if not url:
        sys.stderr.write("DATABASE_URL is not set\n")
        return EXIT_USAGE
    database = Database(url, pool_size=1, application_name="booking rebuild")
    try:
        past = rebuild(database.transaction, chosen.booking, chosen.at)
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    finally:
        database.dispose()
    when = clock.to_text(chosen.at) if chosen.at else "now"
    if past is None:
        sys.stdout.write(f"booking {chosen.booking}: not there as of {when}\n")
        return EXIT_UNKNOWN
    sys.stdout.write(f"booking {chosen.booking} as of {when}\n")
    sys.stdout.writelines(f"{line}\n" for line in words_of(past))
    return EXIT_OK


def words_of(past: PastBooking) -> Iterator[str]:
    """Line by line. Of a booking everything that is set and is no person's own words."""
    last = past.changes[-1]
    yield f"  state       {last.to_state}, version {last.version}"
    if past.booking is None:
        yield "  the release that made this change kept nothing else"
    else:
        yield from (f"  {name:<11} {value}" for name, value in _members(past.booking) if value)
        if past.not_known:
            yield f"  not kept    {', '.join(past.not_known)}"
    yield "why"
    yield from (f"  {_reason(change)}" for change in past.changes)


def _members(booking: Booking) -> Iterator[tuple[str, str | None]]:
    yield from _agreed(booking)
    yield from _around(booking)
    yield from _money(booking)


def _agreed(booking: Booking) -> Iterator[tuple[str, str | None]]:
    visit, hold = booking.visit, booking.hold
    yield "customer", booking.customer_id
    yield "provider", booking.provider_id
    yield "service", f"{booking.service_id} {booking.service_name['en']}"
    yield "visit", f"{clock.to_text(visit.start)} to {clock.to_text(visit.end)}"
    yield "agreed", f"{booking.start.local:%Y-%m-%d %H:%M} {booking.start.offset_text} {booking.time_zone}"
    yield "blocked", f"{clock.to_text(booking.blocked.start)} to {clock.to_text(booking.blocked.end)}"
    yield "takes", ", ".join((booking.staff_id, *booking.further_ids))
    yield "place", booking.place.value
    yield "session", booking.session_id and f"{booking.session_id}, {booking.seats} seats"
    yield "waits for", booking.pending_for
    yield "held until", clock.to_text(hold.last_instant) if hold else None
    if booking.answer_hours is not None:
        yield "asked first", f"{booking.answer_hours} hours to answer once it is paid"


def _around(booking: Booking) -> Iterator[tuple[str, str | None]]:
    """Where it comes from, and what became of its time."""
    yield "series", booking.series_id
    yield "offered to", booking.waitlist_id and f"who waited as {booking.waitlist_id}"
    yield "instead of", booking.replaces_id
    yield "overlap", "its customer may have another visit then" if booking.may_overlap else None
    yield "moves", str(booking.moves) if booking.moves else None
    if booking.least_notice is not None:
        yield "notice", f"{booking.least_notice} at most: there was no more when it was moved"
    if booking.missed is not None:
        yield "contestable", f"until {clock.to_text(booking.missed.contest_until)}"
        yield "contest", booking.missed.contest


def _money(booking: Booking) -> Iterator[tuple[str, str | None]]:
    payment, refund = booking.payment, booking.refund
    yield "price", str(booking.quote.total)
    yield "policy", f"{booking.quote.policy.policy_id} of {clock.to_text(booking.quote.quoted_at)}"
    if payment is not None:
        paid = payment.paid
        yield "paid", f"{paid.service}, tip {paid.tip}, by {payment.payment_id}"
    if booking.reduction is not None:
        yield "fallen by", f"{booking.reduction}, due back apart from everything else"
    yield "ended by", booking.cancel_cause
    if refund is not None:
        yield "due back", f"{refund.service} ({refund.percent} %), tip {refund.tip}"


def _reason(change: PastChange) -> str:
    who = change.actor if change.actor_id is None else f"{change.actor} {change.actor_id}"
    note = f": {change.note}" if change.note else ""
    states = f"{change.from_state or 'nothing'} -> {change.to_state}"
    return f"{change.version} {clock.to_text(change.at)} {states} by {who}, {change.reason}{note}"


if __name__ == "__main__":
    sys.exit(main())
