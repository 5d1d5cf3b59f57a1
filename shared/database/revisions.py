"""Where a database stands beside the migrations that this release knows."""

from collections.abc import Collection
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from shared.database import schema
from shared.settings import SettingsError

NO_TABLE, NO_RIGHT = "42P01", "42501"
"""SQLSTATE of a database that nobody migrated yet, and of one whose first migration is under way."""


class Standing(StrEnum):
    """`ahead`: a later release migrated; its expanding migrations leave this release able to work."""

    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"


def alembic_config(package: str) -> Config:
    """Alembic's configuration for `services.<name>`; there is no alembic.ini."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError(f"there is no package {package}")
    config = Config()
    config.set_main_option("script_location", str(Path(spec.submodule_search_locations[0]) / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def standing(connection: Connection, package: str) -> Standing:
    """Compare the database with the migrations of `services.<name>`; changes nothing.

    The app role may ask: whoever migrates gives it the right to read the revision.
    """
    scripts = ScriptDirectory.from_config(alembic_config(package))
    known = {script.revision for script in scripts.walk_revisions()}
    return compare(_applied(connection), scripts.get_current_head(), known)


def compare(applied: str | None, head: str | None, known: Collection[str]) -> Standing:
    """A revision that this release does not know can only come from a later one."""
    if applied == head:
        return Standing.CURRENT
    return Standing.BEHIND if applied is None or applied in known else Standing.AHEAD


def let_service_ask(connection: Connection, package: str) -> None:
    """Give the service's app role the right to read the revision, where there is such a role."""
    role = schema.app_role(package.rpartition(".")[2])
    if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first():
        connection.execute(text(f"GRANT SELECT ON alembic_version TO {role}"))


def _applied(connection: Connection) -> str | None:
    try:
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) not in (NO_TABLE, NO_RIGHT):
            raise
        connection.rollback()
        return None
    return revision
