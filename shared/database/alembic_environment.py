"""What every service's migrations/env.py does: run the migrations on the connection it is given."""

from alembic import context
from sqlalchemy import Connection, MetaData

CONNECTION = "connection"
"""Attribute of Alembic's configuration that carries the connection of `shared.database.migrate`."""


def run(metadata: MetaData) -> None:
    """Run the migrations that Alembic was called for, each in a transaction of its own.

    env.py is: import the service's `metadata` and this module, then `alembic_environment.run(metadata)`.
    """
    connection: Connection = context.config.attributes[CONNECTION]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
