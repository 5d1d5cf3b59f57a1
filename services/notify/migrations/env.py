"""Lets Alembic run this service's migrations."""

from services.notify.store.tables import metadata
from shared.database import alembic_environment

alembic_environment.run(metadata)
