"""Puts an entry's sentence together: times in the visit's zone, which the sentence names."""

from datetime import date
from zoneinfo import ZoneInfo

from services.notify.domain.phrases import (
    CAUSES,
    ENDED,
    MOMENT,
    MONTHS,
    PHRASES,
    RELEASED,
    WEEKDAYS,
    Language,
    Reader,
)
from services.notify.domain.visit import Kind, Visit

FIRST_STRONG_ISOLATE = "\u2068"
POP_ISOLATE = "\u2069"
"""Unicode TR 9: a foreign name inside Arabic text must not turn the words around it."""


def is_told(kind: Kind, reader: Reader) -> bool:
    """Whether there is anything to say to them of this."""
    return (kind, reader) in PHRASES[Language.ENGLISH]


def entry_texts(
    kind: Kind, reader: Reader, visit: Visit, amount: str = "", released: str = "", *, missed: bool = False
) -> dict[str, str]:
    """The sentence in both languages, by language code. A service without an Arabic name keeps its own.

    `amount` is what goes back, for entries about refunds, or what was taken of a hold; `released` the rest
    of that hold, if there is any, and `missed` whether the visit was missed or cancelled.
    """
    return {
        language.value: _text(language, kind, reader, visit, (amount, released), missed=missed)
        for language in Language
    }


def _text(
    language: Language, kind: Kind, reader: Reader, visit: Visit, amounts: tuple[str, str], *, missed: bool
) -> str:
    amount, released = (_isolated(language, one) for one in amounts)
    service = visit.service_names.get(language) or visit.service_names[Language.ENGLISH]
    return (
        PHRASES[language][kind, reader]
        .format(
            service=_isolated(language, service),
            when=_moment(language, visit.day, visit.time, visit.utc_offset, visit.time_zone),
            until=_until(visit),
            deadline=_deadline(language, visit),
            amount=amount,
            ended=ENDED[language][missed][reader],
            rest=RELEASED[language].format(amount=released) if amounts[1] else "",
            cause=CAUSES[language].get((visit.cancel_cause or "", reader), ""),
        )
        .strip()
    )


def _moment(language: Language, day: date, time: str, utc_offset: str, zone: str) -> str:
    return MOMENT[language].format(
        weekday=WEEKDAYS[language][day.weekday()],
        day=day.day,
        month=MONTHS[language][day.month - 1],
        year=day.year,
        time=time,
        zone=_isolated(language, zone),
        offset=utc_offset,
    )


def _until(visit: Visit) -> str:
    """The hold's end on the visit's own clock, `HH:MM`: minutes away, so without the day."""
    if visit.hold_expires_at is None:
        return ""
    return visit.hold_expires_at.astimezone(ZoneInfo(visit.time_zone)).strftime("%H:%M")


def _deadline(language: Language, visit: Visit) -> str:
    """The hold's end on the visit's own clock, which may be days away."""
    if visit.hold_expires_at is None:
        return ""
    end = visit.hold_expires_at.astimezone(ZoneInfo(visit.time_zone))
    offset = f"{end:%z}"
    return _moment(language, end.date(), f"{end:%H:%M}", f"{offset[:3]}:{offset[3:5]}", visit.time_zone)


def _isolated(language: Language, name: str) -> str:
    return f"{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}" if language is Language.ARABIC else name
