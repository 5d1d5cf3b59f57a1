"""Runs the migrations of search."""

from services.search.store.tables import metadata
from shared.database import alembic_environment

alembic_environment.run(metadata)
