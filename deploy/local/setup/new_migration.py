"""Drafts a migration from the difference between a service's tables and its database (`make migration`)."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import DowngradeOps, UpgradeOps
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from shared.database.alembic_environment import CONNECTION
from shared.database.revisions import alembic_config


class DraftError(Exception):
    """The draft can't be made; the text says what to do."""


def draft(package: str, message: str, url: str, folder: Path | None = None) -> Path:
    """Write the next numbered file into the service's migrations/versions, or into `folder`.

    `url` is the owner role's. Raises DraftError when the database lacks migrations that are written already.
    """
    config = alembic_config(package)
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head() or ""
    texts: list[str] = []

    def compare(revision: Any, context: MigrationContext) -> Iterable[Any]:
        if context.get_current_revision() != (head or None):
            raise DraftError("the database lacks migrations that are written already: make up, then again")
        texts.append(_text(context, message, head))
        return ()

    with create_engine(url, poolclass=NullPool).connect() as connection:
        config.attributes[CONNECTION] = connection
        with EnvironmentContext(config, scripts, fn=compare):
            scripts.run_env()
    name = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    path = (folder or Path(scripts.versions)) / f"{_following(head)}_{name}.py"
    path.write_text(texts[0], encoding="utf-8")
    return path


def _following(head: str) -> str:
    return f"{int(head or 0) + 1:04d}"


def _text(context: MigrationContext, message: str, head: str) -> str:
    changes = produce_migrations(context, context.opts["target_metadata"])
    upgrade, downgrade = _body(context, changes.upgrade_ops), _body(context, changes.downgrade_ops)
    before = f'"{head}"' if head else "None"
    return (
        f'"""{message[:1].upper()}{message[1:]}."""\n\n'
        + _imports(upgrade + downgrade)
        + f'\nrevision = "{_following(head)}"\ndown_revision = {before}\n'
        + f"\n\ndef upgrade() -> None:\n{upgrade}\n\n\ndef downgrade() -> None:\n{downgrade}\n"
    )


def _imports(code: str) -> str:
    lines = ["import sqlalchemy as sa"] if re.search(r"\bsa\.", code) else []
    lines.append("from alembic import op")
    if re.search(r"\bpostgresql\.", code):
        lines.append("from sqlalchemy.dialects import postgresql")
    return "\n".join(lines) + "\n"


def _body(context: MigrationContext, operations: UpgradeOps | DowngradeOps | None) -> str:
    """Alembic's code without its remarks, one level in."""
    if operations is None:
        return "    pass"
    # A context that belongs to no script is asked for no metadata.
    apart = MigrationContext.configure(context.connection)
    code = render_python_code(operations, migration_context=apart)
    lines = [line for line in code.splitlines() if line.strip() and not line.strip().startswith("# ###")]
    return textwrap.indent(textwrap.dedent("\n".join(lines)), "    ")


def main(arguments: list[str]) -> int:
    """`services.<name> MESSAGE`; the database is that of MIGRATION_DATABASE_URL."""
    package, message = arguments
    try:
        path = draft(package, message, os.environ["MIGRATION_DATABASE_URL"])
    except DraftError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{os.path.relpath(path)}: look at it, then make format")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
