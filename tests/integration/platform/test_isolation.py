"""Each service reaches its own database and no other, with no more rights than it needs."""

import itertools

import psycopg2
import pytest

from deploy.local.stack import Stack
from tests.integration.platform.census import DATABASES


def _connect(url: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(url.replace("postgresql+psycopg2", "postgresql"), connect_timeout=5)


@pytest.mark.parametrize(("service", "other"), list(itertools.permutations(DATABASES, 2)))
def test_a_service_is_refused_by_every_other_database(stack: Stack, service: str, other: str) -> None:
    """promise A1: each service owns its database; its role may not even connect to another."""
    url = stack.database_url(service)
    foreign = url.rsplit("/", 1)[0] + f"/care_{other}"
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        _connect(foreign)


@pytest.mark.parametrize("service", DATABASES)
def test_a_service_cannot_change_its_own_schema(stack: Stack, service: str) -> None:
    """promise A1: tables belong to the owner role, which only migrations use."""
    connection = _connect(stack.database_url(service))
    try:
        with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE public.intruder (id int)")
        connection.rollback()
        with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("ALTER TABLE outbox ADD COLUMN intruder int")
        connection.rollback()
    finally:
        connection.close()


def test_history_cannot_be_rewritten(stack: Stack) -> None:
    """promise C4: every change is recorded; the service itself can only add to the record."""
    connection = _connect(stack.database_url("booking"))
    try:
        for statement in ("UPDATE booking_history SET reason = 'x'", "DELETE FROM booking_history"):
            with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
            connection.rollback()
    finally:
        connection.close()
