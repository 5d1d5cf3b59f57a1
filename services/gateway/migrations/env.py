"""Alembic's entry for the gateway's database."""

from services.gateway.audit.store.tables import metadata
from shared.database import alembic_environment

alembic_environment.run(metadata)
