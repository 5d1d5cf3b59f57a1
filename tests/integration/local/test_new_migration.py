"""`make migration` drafts what the tables have and the database lacks."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from deploy.local.instance import SERVICES
from deploy.local.setup.new_migration import DraftError, draft
from deploy.local.stack import Stack


def _url(stack: Stack, service: str) -> str:
    return stack.migration_environment(service)["MIGRATION_DATABASE_URL"]


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_missing_after_the_migrations(stack: Stack, service: str, tmp_path: Path) -> None:
    """Every service's tables are what its migrations make."""
    path = draft(f"services.{service}", "hold expiry", _url(stack, service), tmp_path)
    assert re.fullmatch(r"\d{4}_hold_expiry\.py", path.name)
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    assert [function.name for function in functions] == ["upgrade", "downgrade"]
    assert all(isinstance(function.body[0], ast.Pass) for function in functions)


def test_a_database_that_is_behind_is_not_compared(stack: Stack, tmp_path: Path) -> None:
    engine = create_engine(stack.admin_database_url(None), isolation_level="AUTOCOMMIT")
    name = "care_draft_test"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        url = engine.url.set(database=name).render_as_string(hide_password=False)
        with pytest.raises(DraftError):
            draft("services.notify", "hold expiry", url, tmp_path)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
    assert not list(tmp_path.iterdir())
