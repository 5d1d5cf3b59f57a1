"""Visits as iCalendar (RFC 5545): one as a file, many as a feed; escaping and folding are the library's."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from unicodedata import category

import gevent
import orjson
from flask import Response, request

from shared import clock
from shared.contracts.booking_forms import BookingState

if TYPE_CHECKING:
    from icalendar import Calendar, Event, vCalAddress

CONTENT_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Care Services Platform//Calendar 1//EN"
"""Its number is part of the ETag: it rises when the same visits are written another way."""
ASK_AGAIN = timedelta(hours=1)
GIVE_WAY_EVERY = 20
"""Visits written in one go: 6 ms (measured). A worker that wrote a whole feed at once, 180 ms of 600 visits,
would keep all others waiting."""

TENTATIVE, CONFIRMED, CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
STATUS = {
    BookingState.PENDING: TENTATIVE,
    BookingState.CONFIRMED: CONFIRMED,
    BookingState.IN_PROGRESS: CONFIRMED,
    BookingState.COMPLETED: CONFIRMED,
    BookingState.NO_SHOW: CONFIRMED,
    BookingState.CANCELLED: CANCELLED,
    BookingState.EXPIRED: CANCELLED,
}
WORDS = {
    "en": {
        "name": "Care visits",
        "cancelled": "Cancelled: {}",
        "agreed": "Agreed time: {date} {time} (UTC{offset}), {zone}",
        "reference": "Reference {}",
        "provider": "At the provider's",
        "customer": "At the customer's home",
        "online": "Online",
    },
    "ar": {
        "name": "مواعيد الرعاية",
        "cancelled": "أُلغي: {}",
        "agreed": "الوقت المتفق عليه: {date} {time} (UTC{offset})، {zone}",
        "reference": "المرجع {}",
        "provider": "لدى مقدم الخدمة",
        "customer": "في منزل العميل",
        "online": "عبر الإنترنت",
    },
}


def visit_file(visit: Mapping[str, Any], locale: str) -> Response:
    """One visit (VisitSchema) to be taken into a calendar, or, with METHOD:CANCEL, out of it (rule T16)."""
    calendar = _calendar()
    gone = STATUS[BookingState(visit["state"])] == CANCELLED
    calendar.add("method", "CANCEL" if gone else "PUBLISH")
    calendar.add_component(_event(visit, locale))
    response = Response(calendar.to_ical(), content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="visit-{visit["visit_id"]}.ics"'
    response.set_etag(_digest([visit], locale))
    return _unless_known(response)


def feed(visits: Sequence[Mapping[str, Any]], locale: str) -> Response:
    """All visits for a program that asks again and again: what it has already is not written anew."""
    response = Response(content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'inline; filename="visits.ics"'
    response.set_etag(_digest(visits, locale))
    if _unless_known(response).status_code == HTTPStatus.OK:
        response.set_data(_feed_text(visits, locale))
    return response


def _unless_known(response: Response) -> Response:
    """304 without a body when the reader has this version; it has to ask each time."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def _digest(visits: Sequence[Mapping[str, Any]], locale: str) -> str:
    shown = orjson.dumps([PRODUCT, locale, list(visits)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(shown).hexdigest()[:32]


def _feed_text(visits: Sequence[Mapping[str, Any]], locale: str) -> bytes:
    calendar = _calendar()
    for name in ("name", "x-wr-calname"):
        calendar.add(name, WORDS[locale]["name"])
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    head, end = calendar.to_ical().split(b"END:VCALENDAR")
    parts = [head]
    for number, visit in enumerate(visits):
        if number % GIVE_WAY_EVERY == 0:
            gevent.sleep(0)
        parts.append(_event(visit, locale).to_ical())
    return b"".join([*parts, b"END:VCALENDAR", end])


def _calendar() -> "Calendar":
    # Loaded by the first calendar: most processes write none, and it takes 3 MB.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(visit: Mapping[str, Any], locale: str) -> "Event":
    """One id for ever, a SEQUENCE that rises with every change, instants in UTC (rule T16).

    In UTC, since a visit is an instant: a program with other zone data than ours must not move it.
    """
    from icalendar import Event

    words = WORDS[locale]
    status = STATUS[BookingState(visit["state"])]
    event = Event()
    event.add("uid", visit["visit_id"])
    event.add("sequence", visit["version"] - 1)
    event.add("dtstart", _instant(visit["starts_at"]))
    event.add("dtend", _instant(visit["ends_at"]))
    event.add("dtstamp", _instant(visit["changed_at"]))
    event.add("created", _instant(visit["created_at"]))
    event.add("last-modified", _instant(visit["changed_at"]))
    event.add("summary", _summary(visit, locale, status), parameters={"language": locale})
    event.add("description", _description(visit, words))
    event.add("organizer", _organizer(visit, locale))
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if status == CANCELLED else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _summary(visit: Mapping[str, Any], locale: str, status: str) -> str:
    name, staff = _in(locale, visit["service_name"]), _in(locale, visit["staff_name"])
    summary = f"{name} · {staff}" if staff else name
    if visit["seats"] is not None:
        summary += f" ({visit['seats_taken']}/{visit['seats']})"
    return WORDS[locale]["cancelled"].format(summary) if status == CANCELLED else summary


def _description(visit: Mapping[str, Any], words: Mapping[str, str]) -> str:
    agreed = words["agreed"].format(
        date=visit["local_date"],
        time=visit["local_time"],
        offset=visit["utc_offset"],
        zone=visit["time_zone"],
    )
    return "\n".join((agreed, words[visit["place"]], words["reference"].format(visit["visit_id"])))


def _organizer(visit: Mapping[str, Any], locale: str) -> "vCalAddress":
    """RFC 5546 asks for one whenever there is a METHOD; the provider has no address that we would tell."""
    from icalendar import vCalAddress, vText

    organizer = vCalAddress(f"urn:uuid:{visit['provider_id']}")
    staff = _in(locale, visit["staff_name"])
    if staff:
        organizer.params["cn"] = vText(staff)
    return organizer


def _in(locale: str, texts: Mapping[str, Any] | None) -> str:
    """The text in the reader's language or in English, on one line and without control characters, which
    iCalendar does not have."""
    text = "" if texts is None else str(texts.get(locale) or texts["en"])
    return " ".join("".join(" " if category(one) == "Cc" else one for one in text).split())


def _instant(value: Any) -> datetime:
    """Answers of services carry instants as datetimes or as text."""
    return clock.from_text(value) if isinstance(value, str) else value
