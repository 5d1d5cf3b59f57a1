"""What errors of the database say about whether it can be used: refused as `unavailable`, or a bug."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared import logs
from shared.errors import ServiceError, unavailable
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

DISCONNECTED, _EXHAUSTED = "disconnected", "pool_exhausted"

_REASONS = {
    "40P01": "deadlock",
    "40001": "serialization",
    "55P03": "lock_timeout",
    "57014": "statement_timeout",
    "53300": "too_many_connections",
}
"""SQLSTATE of the refusals that are not a lost connection (PostgreSQL, appendix A)."""

begin_at_zero(metrics.database_refusals, reason=(DISCONNECTED, _EXHAUSTED, *_REASONS.values()))


@contextmanager
def translated() -> Iterator[None]:
    """Within the block, errors that say the database can't be used now are raised as `unavailable`."""
    try:
        yield
    except PoolTimeoutError as error:
        raise refused(_EXHAUSTED) from error
    except (OperationalError, InterfaceError) as error:
        reason = _reason(error)
        logs.event(log, logging.WARNING, "database_unavailable", reason=reason)
        raise refused(reason) from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise refused(DISCONNECTED) from error


def refused(reason: str) -> ServiceError:
    """The refusal of a transaction, counted by its reason."""
    metrics.database_refusals.labels(reason=reason).inc()
    return unavailable(retry_after=1)


def _reason(error: DBAPIError) -> str:
    return _REASONS.get(str(getattr(error.orig, "pgcode", None)), DISCONNECTED)
