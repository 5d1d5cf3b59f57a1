"""The metadata of all tables of payment, and the columns that many of them have."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Column, DateTime, Uuid, func

from shared.database import schema

metadata = schema.metadata()


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def set_at(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.app_now())


def id_column(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), primary_key=primary_key, nullable=nullable)


def words(values: Iterable[StrEnum]) -> str:
    """The values of a check in SQL, in order."""
    return ", ".join(f"'{value.value}'" for value in sorted(values))
