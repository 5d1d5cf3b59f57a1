"""What hours, notice, window, holidays and time off remove, each rule as a set of starts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from services.booking.domain.calendar import UNSAID, WHOLE_DAY, Opening, Window, shown
from services.booking.domain.local_time import Interval, LocalInstant, local_clock
from services.booking.domain.public_holidays import holiday_on
from services.booking.domain.rules import Rule
from services.booking.domain.spans import (
    ALWAYS,
    DISTANT_FUTURE,
    DISTANT_PAST,
    Span,
    Spans,
    complement,
    lies_in,
    starts_touching,
    starts_within,
    union,
    without,
)
from services.booking.domain.supply import Supply, Worker

MARGIN = timedelta(days=8)
"""The week that a cap counts begins and ends so far from a day at most."""
_DAY = timedelta(days=1)

Removed = Mapping[Rule, Spans]


class Timetable:
    """A supply on the local days from `first` to `last`, looked at `now`.

    A day's starts are those of the windows that open on it. Windows of the days around are known
    too: they may pass midnight, and a visit may run on into the next day's.
    """

    def __init__(self, supply: Supply, now: datetime, first: date, last: date) -> None:
        self.supply, self.now, self.first, self.last = supply, now, first, last
        self.clock = local_clock(supply.time_zone, first - MARGIN, last + MARGIN)
        terms = supply.terms
        self.length = terms.duration // timedelta(seconds=1)
        self.before, self.after = terms.buffer_before_minutes * 60, terms.buffer_after_minutes * 60
        self._days = _days(first - _DAY, last + 2 * _DAY)
        self._public_holidays = {day for day in self._days if holiday_on(supply.holidays, day) is not None}
        self._of_all: Removed | None = None

    @property
    def starts_in(self) -> Span:
        """All instants at which a start of these days can lie."""
        return self.clock.day_span(self.first)[0], self.clock.day_span(self.last + _DAY)[1]

    @property
    def counted_in(self) -> Span:
        """All starts that caps count together with one of these days: whole weeks from Monday."""
        last = self.last + _DAY
        monday = self.first - self.first.weekday() * _DAY
        sunday = last + (6 - last.weekday()) * _DAY
        return self.clock.day_span(monday)[0], self.clock.day_span(sunday)[1]

    def for_all(self) -> Removed:
        """What removes a start whoever would do the visit (rules T9 and T10)."""
        past = Interval(self.now, self.now).span[0] + 1
        notice = self.now + timedelta(minutes=self.supply.terms.minimum_notice_minutes)
        last_day = min(max(self.supply.last_day(self.now), self.first - 2 * _DAY), self.last + 2 * _DAY)
        return {
            Rule.PAST: [(DISTANT_PAST, past)],
            Rule.BEYOND_WINDOW: [(self.clock.day_span(last_day)[1], DISTANT_FUTURE)],
            Rule.SHORT_NOTICE: union([(past, Interval(notice, notice).span[1])]),
            Rule.NOT_OFFERED: self.outside_service_hours(),
        }

    def for_worker(self, worker: Worker) -> Removed:
        """What removes a start by the hours and the time off of one person."""
        off = [
            starts_touching(entry.period.span, 0, self.length)
            for entry in self.supply.time_off
            if entry.concerns(worker.staff_id)
        ]
        return {**self._outside_hours(worker), Rule.TIME_OFF: union(off)}

    def outside_service_hours(self) -> list[Span]:
        """What the hours of the service itself remove."""
        hours = self.supply.service_hours
        if hours is None:
            return []
        opened: list[Span] = []
        for day in self._days:
            openings: Sequence[Opening | Window] | None = hours.on(day)
            opened.extend(shown(self.clock, day, [WHOLE_DAY] if openings is None else openings))
        return complement(starts_within(union(opened), self.length))

    def own_day(self, workers: Sequence[Worker]) -> list[Span]:
        """Where the windows that open on the day which the clock shows are open for any of them.

        A start outside of it is one after midnight: it is listed with the day before.
        """
        if not self.supply.passes_midnight:
            return ALWAYS
        pieces: list[Span] = []
        for worker in workers:
            for day, openings in zip(self._days, self.supply.planned(worker, self._days), strict=True):
                within_day = [(one.opens, min(one.closes, WHOLE_DAY.closes)) for one in openings]
                pieces.extend(span for minutes in within_day for span in self.clock.showing(day, *minutes))
        return union(pieces)

    def day_of(self, start: datetime) -> date:
        """The day with which a visit that starts then is listed, by the hours of now (rule T8).

        That before the one which the clock shows, where only windows that opened on it are open then. Where
        none is open, since the hours were changed, that which the clock shows.
        """
        second = Interval(start, start).span[0]
        shows = self.clock.date_at(second)
        if lies_in(second, self.own_day(self.supply.workers)):
            return shows
        before = shows - _DAY
        nights = (
            span
            for worker in self.supply.workers
            for span in shown(self.clock, before, self.supply.planned(worker, [before])[0])
        )
        return before if lies_in(second, union(nights)) else shows

    def is_open_after(self, day: date, now: datetime) -> bool:
        """Whether a window that opened on this day has not closed yet."""
        second = Interval(now, now).span[0]
        return any(
            end > second
            for worker in self.supply.workers
            for _, end in shown(self.clock, day, self.supply.openings(worker, day))
        )

    def visit(self, start: LocalInstant) -> Interval:
        """Elapsed time, whatever the local clock does meanwhile (rule T6)."""
        return Interval(start.instant, start.instant + self.supply.terms.duration)

    def _outside_hours(self, worker: Worker) -> Removed:
        """Most people have the provider's hours: those are looked at once."""
        if worker.hours is not UNSAID:
            return self._closed_and_holidays(worker)
        if self._of_all is None:
            self._of_all = self._closed_and_holidays(worker)
        return self._of_all

    def _closed_and_holidays(self, worker: Worker) -> Removed:
        planned = self.supply.planned(worker, self._days)
        opened = {
            day: shown(self.clock, day, openings) for day, openings in zip(self._days, planned, strict=True)
        }
        plain = self._starts_in(opened.values())
        # What counts on a date instead of the week counts on a holiday too.
        holidays = self._public_holidays.difference(worker.hours.dates, self.supply.hours.dates)
        removed: dict[Rule, Spans] = {Rule.CLOSED: complement(plain)}
        if holidays:
            on_others = {day: spans for day, spans in opened.items() if day not in holidays}
            removed[Rule.HOLIDAY] = self._on_holidays(plain, on_others)
        return removed

    def _on_holidays(self, plain: Spans, on_others: Mapping[date, Spans]) -> list[Span]:
        """What opens on a holiday is closed; so would be whatever else were open on it."""
        whole_days = [[*shown(self.clock, day, [WHOLE_DAY]), *spans] for day, spans in on_others.items()]
        kept, within_others = self._starts_in(on_others.values()), self._starts_in(whole_days)
        return union([*without(plain, kept), *complement(within_others)])

    def _starts_in(self, opened: Iterable[Spans]) -> list[Span]:
        """The starts from which a visit lies within what is opened, of all days together."""
        return starts_within(union(span for spans in opened for span in spans), self.length)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
