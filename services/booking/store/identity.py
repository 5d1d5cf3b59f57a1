"""The metadata of booking's tables, and how their ids are declared."""

from sqlalchemy import Column, ForeignKey, Uuid

from shared.database.schema import metadata as new_metadata

metadata = new_metadata()


def uuid_column(
    name: str, *keys: ForeignKey, primary_key: bool = False, nullable: bool = True
) -> Column[str]:
    """A UUID that Python sees as text."""
    return Column(name, Uuid(as_uuid=False), *keys, primary_key=primary_key, nullable=nullable)
