"""What every database has: naming of constraints, the function app_now(), rights of the app role."""

from collections.abc import Iterable

from sqlalchemy import MetaData

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

APP_NOW_SQL = """
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN clock_timestamp()
    + coalesce(nullif(current_setting('app.clock_offset', true), ''), '0')::interval
"""
"""The only 'now' of a database. Tests move it by
`ALTER DATABASE ... SET app.clock_offset = '16 minutes'` and ending the open sessions."""


def metadata() -> MetaData:
    """A metadata whose constraints are named by one convention, so that migrations can name them."""
    return MetaData(naming_convention=NAMING_CONVENTION)


def app_role(service: str) -> str:
    """The database role that the running service uses: `care_booking_app`."""
    return f"care_{service}_app"


def grants_sql(service: str, rights_by_table: Iterable[tuple[str, str]]) -> list[str]:
    """Statements for a migration: `grants_sql("booking", [("allocation", "SELECT, INSERT, DELETE")])`.

    No right is given that is not listed; sequences need none, since ids are made by the service.
    """
    role = app_role(service)
    return [f"GRANT {rights} ON {table} TO {role}" for table, rights in rights_by_table]
