"""Who does a provider's services."""

from typing import Any

from sqlalchemy import Connection, text

from shared.ids import new_id

_DEFAULT = text("""
INSERT INTO staff (id, provider_id, name, active, all_services)
SELECT CAST(:id AS uuid), CAST(:provider_id AS uuid), CAST(:name AS jsonb), true, true
WHERE NOT EXISTS (SELECT FROM staff WHERE provider_id = CAST(:provider_id AS uuid))
""")


def ensure_staff(connection: Connection, provider_id: str, name: Any) -> None:
    """A provider without staff is one person who does everything.

    Call it when this transaction has written the provider's row: two at once wait there.
    """
    values = {"id": new_id(), "provider_id": provider_id, "name": name}
    connection.execute(_DEFAULT, values)
