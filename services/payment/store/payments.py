"""Reading and writing payments."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.payment.domain.authorization import CaptureCause, CaptureMethod
from services.payment.domain.capabilities import PaymentMethod, PaymentProviderName
from services.payment.domain.states import DEAD, SETTLED, PaymentKind, State
from services.payment.store.rows import Payment
from services.payment.store.tables import ONE_THAT_PAYS, payment
from shared.errors import not_found

_ADD = insert(payment).on_conflict_do_nothing().returning(payment.c.id)
_KNOWN = select(payment).where(
    or_(
        and_(payment.c.customer_id == bindparam("customer"), payment.c.idempotency_key == bindparam("key")),
        and_(
            payment.c.booking_id == bindparam("booking"),
            payment.c.kind == bindparam("of_kind"),
            payment.c.state.not_in(DEAD),
            ~payment.c.paid_twice,
        ),
    )
)
_CHANGE = update(payment).where(payment.c.id == bindparam("changed")).returning(payment)
_CAPTURED_BETWEEN = select(func.count()).where(
    payment.c.provider_id == bindparam("provider"),
    payment.c.captured_at >= bindparam("begins"),
    payment.c.captured_at < bindparam("ends"),
    payment.c.kind == "booking",
    ~payment.c.paid_twice,
)


def read(row: Row[Any]) -> Payment:
    """A row of the table as a value."""
    return from_columns(dict(row._mapping))


def from_columns(values: dict[str, Any]) -> Payment:
    """The columns of the table as a value."""
    values["state"] = State(values["state"])
    values["capture_method"] = CaptureMethod(values["capture_method"])
    values["capture_cause"] = values["capture_cause"] and CaptureCause(values["capture_cause"])
    values["params_not_simulated"] = tuple(values["params_not_simulated"])
    values["payment_provider"] = PaymentProviderName(values["payment_provider"])
    values["method"] = PaymentMethod(values["method"])
    return Payment(**values)


def add(connection: Connection, new: Payment) -> bool:
    """Insert a payment. False when its key is used, or when its booking has a live payment."""
    # Its members are plain values: dataclasses.asdict would copy each of them.
    values = vars(new) | {"params_not_simulated": list(new.params_not_simulated)}
    return connection.execute(_ADD, values).one_or_none() is not None


def change(connection: Connection, old: Payment, values: Mapping[str, Any], now: datetime) -> Payment:
    """Write new values of a locked payment; its version rises by one."""
    written = {**values, "version": old.version + 1, "updated_at": now, "changed": old.id}
    return read(connection.execute(_CHANGE, written).one())


def revive(connection: Connection, dead: Payment, values: Mapping[str, Any], now: datetime) -> Payment:
    """Like `change`, of a payment that is no longer dead; beside another that is live it pays twice.

    The index decides: the other one may be written in this instant.
    """
    try:
        with connection.begin_nested():
            return change(connection, dead, values, now)
    except IntegrityError as error:
        if ONE_THAT_PAYS not in str(error.orig):
            raise
    return change(connection, dead, {**values, "paid_twice": True}, now)


def by_id(connection: Connection, payment_id: str) -> Payment:
    """Raises `not_found`."""
    row = connection.execute(select(payment).where(payment.c.id == payment_id)).one_or_none()
    if row is None:
        raise not_found()
    return read(row)


def by_ids(connection: Connection, payment_ids: Collection[str]) -> dict[str, Payment]:
    """Payments by their ids; unknown ones are left out."""
    found = connection.execute(select(payment).where(payment.c.id.in_(list(payment_ids))))
    return {one.id: one for one in map(read, found)}


def ids_of_booking(connection: Connection, booking_id: str) -> list[str]:
    """All payments of a booking, the oldest first."""
    query = select(payment.c.id).where(payment.c.booking_id == booking_id).order_by(payment.c.id)
    return list(connection.execute(query).scalars())


def by_key(connection: Connection, customer_id: str, key: str) -> Payment | None:
    """The payment that this customer began under this Idempotency-Key."""
    query = select(payment).where(payment.c.customer_id == customer_id, payment.c.idempotency_key == key)
    row = connection.execute(query).one_or_none()
    return None if row is None else read(row)


def known_of_request(
    connection: Connection, customer_id: str, key: str, booking_id: str, kind: PaymentKind
) -> tuple[Payment | None, Payment | None]:
    """The payment that this customer began under this key, and the booking's live one of this kind."""
    values = {"customer": customer_id, "key": key, "booking": booking_id, "of_kind": kind.value}
    found = [read(row) for row in connection.execute(_KNOWN, values)]
    same = (one for one in found if (one.customer_id, one.idempotency_key) == (customer_id, key))
    of_booking = (one for one in found if (one.booking_id, one.kind) == (booking_id, kind))
    live = (one for one in of_booking if one.state not in DEAD and not one.paid_twice)
    return next(same, None), next(live, None)


def by_intent(connection: Connection, intent_id: str) -> Payment | None:
    row = connection.execute(select(payment).where(payment.c.intent_id == intent_id)).one_or_none()
    return None if row is None else read(row)


def live_of_booking(connection: Connection, booking_id: str, kind: PaymentKind) -> Payment | None:
    """The one payment of the booking and kind that is not dead and pays, if there is one."""
    query = select(payment).where(
        payment.c.booking_id == booking_id,
        payment.c.kind == kind,
        payment.c.state.not_in(DEAD),
        ~payment.c.paid_twice,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else read(row)


def page_of_customer(
    connection: Connection, customer_id: str, before_id: str | None, limit: int
) -> list[Payment]:
    """A customer's payments, newest first, older than `before_id`; ids rise with time."""
    query = select(payment).where(payment.c.customer_id == customer_id)
    if before_id is not None:
        query = query.where(payment.c.id < before_id)
    return [read(row) for row in connection.execute(query.order_by(payment.c.id.desc()).limit(limit))]


def held_until(connection: Connection, instant: datetime, limit: int) -> list[str]:
    """Ids of payments that are held and lapse by then, the first to lapse first."""
    query = (
        select(payment.c.id)
        .where(payment.c.state == literal_column("'authorized'"), payment.c.capture_before <= instant)
        .order_by(payment.c.capture_before)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def count_held_until(connection: Connection, instant: datetime) -> int:
    """How many payments are held and lapse by then."""
    query = select(func.count()).where(
        payment.c.state == literal_column("'authorized'"), payment.c.capture_before <= instant
    )
    return connection.execute(query).scalar_one()


def decided_since(connection: Connection, instant: datetime, limit: int) -> list[str]:
    """Ids of payments that are still held although it was decided by then what becomes of them."""
    query = (
        select(payment.c.id)
        .where(
            payment.c.state == literal_column("'authorized'"),
            payment.c.capture_cause.is_not(None),
            payment.c.updated_at <= instant,
        )
        .order_by(payment.c.capture_before)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def unsettled_since(connection: Connection, instant: datetime, limit: int) -> list[str]:
    """Ids of payments without an outcome that nothing has changed since then, the longest first."""
    query = (
        select(payment.c.id)
        .where(payment.c.state.not_in(SETTLED), payment.c.updated_at <= instant)
        .order_by(payment.c.updated_at)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def captured_between(connection: Connection, provider_id: str, begins: datetime, ends: datetime) -> int:
    """How many bookings of a provider were captured in `[begins, ends)`; what went back later counts."""
    values = {"provider": provider_id, "begins": begins, "ends": ends}
    return int(connection.execute(_CAPTURED_BETWEEN, values).scalar_one())
