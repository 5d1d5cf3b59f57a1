"""Runs the migrations of payment."""

from services.payment.store.tables import metadata
from shared.database import alembic_environment

alembic_environment.run(metadata)
