"""The engine of a process and its short transactions: the only way to a service's database."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime

from sqlalchemy import Connection, RootTransaction, TextClause, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared import logs
from shared.database.engine import make_engine
from shared.database.session import each_by_itself
from shared.database.unavailability import DISCONNECTED, refused, translated
from shared.errors import ServiceError, outcome_unknown
from shared.fault_points import fault_point, is_switched_on
from shared.settings import Profile, SettingsError
from shared.telemetry import metrics
from shared.telemetry.statements import commit_span

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction: commits at the end of the block, rolls back when it raises."""

WORK, PROBES = "work", "probes"
"""What a pool is for, in metrics: a probe's connections are no part of what the work may use."""

BEFORE_COMMIT, AFTER_COMMIT = "before commit", "after commit"
"""Fault points of a transaction that writes: nothing of it lasts yet; it lasts and nobody knows."""

_NOW = text("SELECT app_now()")
_WAKE = "wake_after_commit"
_COMMITTED = "when_committed"


class Database:
    """The connections of one process to its service's database.

    `url` is `postgresql+psycopg2://...`. Nothing is opened before the first transaction. Works in
    plain threads and, with `shared.database.wait`, in greenlets.
    """

    def __init__(self, url: str, *, pool_size: int, application_name: str, pool: str = WORK) -> None:
        self._engine = make_engine(url, pool_size, application_name)
        self._hooks: list[Callable[[], None]] = []
        self._in_use = metrics.database_connections_in_use.labels(pool=pool)
        self._limit = metrics.database_connections_limit.labels(pool=pool)
        self._limit.inc(pool_size)
        self._pool_size = pool_size

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction at READ COMMITTED. Keep it short: no RPC, no call to the internet inside.

        Raises `unavailable` when the database can't be reached, gives no connection in time, or
        gave up a statement (time-outs, deadlock, serialization): everything is rolled back and
        the caller may repeat. Nothing is repeated here, because the block may have had effects
        outside of the database. Raises `outcome_unknown` when the connection broke during the
        commit. Other database errors pass through unchanged.
        """
        with translated(), self._connect() as connection, self._in_use.track_inprogress():
            connection.info.pop(_WAKE, None)
            connection.info.pop(_COMMITTED, None)
            scope = connection.begin()
            try:
                yield connection
            except BaseException:
                with suppress(DBAPIError):
                    scope.rollback()
                raise
            self._commit(connection, scope)
            wake = connection.info.pop(_WAKE, False)
            actions = connection.info.pop(_COMMITTED, ())
        for action in actions:
            action()
        if wake:
            for hook in self._hooks:
                hook()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """For questions that only read, as `transaction` in everything else: half of its trips.

        At READ COMMITTED each statement sees what is committed when it begins, in a transaction or not. A
        lock would be gone with its statement, and what writes would be committed with it.
        """
        with (
            translated(),
            self._connect() as connection,
            self._in_use.track_inprogress(),
            each_by_itself(connection),
            # SQLAlchemy's side of a transaction; the server hears of none.
            connection.begin(),
        ):
            yield connection

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except InvalidRequestError as error:
            # The pool's word for a second dead connection in a row: the server goes up and down.
            raise refused(DISCONNECTED) from error

    def _commit(self, connection: Connection, scope: RootTransaction) -> None:
        has_written = is_switched_on() and _has_written(connection)
        if has_written:
            fault_point(BEFORE_COMMIT)
        with commit_span(self._engine.url.database or ""):
            _commit(scope.commit)
        if has_written:
            fault_point(AFTER_COMMIT)

    def sees(self, question: TextClause) -> bool:
        """What a SELECT EXISTS answers. Raises like `transaction`."""
        with self.reading() as connection:
            return bool(connection.execute(question).scalar_one())

    def after_commit(self, hook: Callable[[], None]) -> None:
        """Call `hook` after every commit that wrote an outbox row; it must neither block nor raise."""
        self._hooks.append(hook)

    def ping(self) -> bool:
        """Whether the database answers; for readiness, never raises.

        A pool whose connections are all at work counts as an answer: a process under load must not
        be taken out of service for it.
        """
        try:
            with self.transaction() as connection:
                connection.execute(text("SELECT 1"))
        except ServiceError as error:
            return isinstance(error.__cause__, PoolTimeoutError)
        return True

    def refuse_clock_offset(self, profile: Profile) -> None:
        """Raise SettingsError when the database's clock is moved outside of the test profile."""
        with self.transaction() as connection:
            refuse_clock_offset(connection, profile)

    def dispose(self) -> None:
        """Close all idle connections; those in use close when they come back."""
        self._engine.dispose()
        self._limit.dec(self._pool_size)
        self._pool_size = 0


def wake_after_commit(connection: Connection) -> None:
    """Note that this transaction wrote an outbox row, so that its commit calls the hooks."""
    connection.info[_WAKE] = True


def when_committed(connection: Connection, action: Callable[[], None]) -> None:
    """Call `action` once when this transaction is committed, never when it is rolled back.

    For counters: it must neither block nor raise.
    """
    connection.info.setdefault(_COMMITTED, []).append(action)


def read_app_now(connection: Connection) -> datetime:
    """The database's `app_now()` in UTC. A command reads it once at its start and hands it on."""
    now: datetime = connection.execute(_NOW).scalar_one()
    return now.astimezone(UTC)


def refuse_clock_offset(connection: Connection, profile: Profile) -> None:
    """Refuse to work by a moved clock outside of the test profile. Raises SettingsError."""
    offset = connection.execute(
        text("SELECT coalesce(current_setting('app.clock_offset', true), '')")
    ).scalar_one()
    if offset and profile is not Profile.TEST:
        raise SettingsError("app.clock_offset is set in the database; only tests may move its clock")


def _has_written(connection: Connection) -> bool:
    """Whether the transaction has changed, or locked, a row; one that only read loses nothing."""
    return connection.execute(text("SELECT pg_current_xact_id_if_assigned()")).scalar_one() is not None


def _commit(commit: Callable[[], None]) -> None:
    try:
        commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            logs.event(log, logging.WARNING, "commit_outcome_unknown")
            raise outcome_unknown() from error
        raise
