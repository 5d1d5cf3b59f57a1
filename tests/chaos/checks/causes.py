"""The facts as the causes of refusals are looked up in them."""

from dataclasses import dataclass, field

from tests.chaos.checks.reading import FOR_EVER, Span, by, grouped, histories, spans
from tests.chaos.facts import Facts, Row
from tests.chaos.history import Exchange

MOVES = ("reschedule", "reschedule_quote")


@dataclass
class Index:
    """By booking, by payment, by key."""

    facts: Facts
    spans: list[Span]
    bookings: dict[str, Row]
    changes: dict[str, list[Row]]
    payments_of: dict[str, list[Row]]
    payments_by_intent: dict[str, Row]
    exchanges_of_key: dict[tuple[str, str], list[Exchange]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts) -> "Index":
        payments = facts.rows.get("payment.payment", [])
        index = cls(
            facts=facts,
            spans=spans(facts),
            bookings=by(facts.rows.get("booking.booking", []), "id"),
            changes=histories(facts),
            payments_of=grouped(payments, "booking_id"),
            payments_by_intent={row["intent_id"]: row for row in payments if row["intent_id"]},
        )
        for exchange in facts.exchanges:
            index.exchanges_of_key.setdefault((exchange.customer, exchange.key), []).append(exchange)
        return index

    def states_in(self, booking_id: str, began: float, ended: float) -> set[str]:
        """States in which the booking was at some moment of the time, by its commits."""
        rows = self.changes.get(booking_id, [])
        ends = [row["committed"] for row in rows[1:]] + [FOR_EVER]
        return {
            row["to_state"]
            for row, end in zip(rows, ends, strict=True)
            if row["committed"] <= ended and end >= began
        }

    def wish_of(self, exchange: Exchange) -> Row:
        """The time that a command asks for; a move says only when, and a question has another form."""
        asked: Row = exchange.body
        if exchange.action not in MOVES:
            return asked
        booking = self.bookings[self.booking_of(exchange)]
        when = {
            "bookingDate": asked.get("bookingDate", asked.get("date")),
            "startTime": asked.get("startTime", asked.get("time")),
        }
        return {"providerId": booking["provider_id"], "serviceId": booking["service_id"], **when}

    def booking_of(self, exchange: Exchange) -> str:
        """The booking that a command is about."""
        body = exchange.body if isinstance(exchange.body, dict) else {}
        if "bookingId" in body:
            return str(body["bookingId"])
        if "replacesBookingId" in body:
            return str(body["replacesBookingId"])
        if "paymentId" in body:
            rows = [row for row in self.facts.rows["payment.payment"] if row["id"] == body["paymentId"]]
            return str(rows[0]["booking_id"]) if rows else ""
        parts = exchange.path.split("/")
        if parts[1] == "bookings":
            return parts[2]
        if parts[1] in ("series", "waitlist"):
            return ""
        payment = self.payments_by_intent.get(parts[2])
        return str(payment["booking_id"]) if payment else ""
