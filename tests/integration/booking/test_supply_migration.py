"""The migration to the supply takes over hours as they are, those that overlap as one window."""

from sqlalchemy import text

from shared.database.migrate import upgrade
from shared.ids import new_id
from tests.fixtures.servers import owner_engine, service_database

BEFORE = "0003"
OVERLAPPING = ((540, 600), (550, 590), (570, 660), (700, 800), (720, 760), (900, 960), (960, 1000))


def test_hours_that_overlap_become_one_window() -> None:
    """promise A1: a database of the release before is migrated with what is in it; windows are kept apart
    by the database from then on."""
    provider_id = new_id()
    with service_database("booking", BEFORE) as made:
        engine = owner_engine(made.owner_url)
        with engine.begin() as connection:
            for opens, closes in OVERLAPPING:
                connection.execute(
                    text("INSERT INTO opening_hours VALUES (:id, 1, :opens, :closes)"),
                    {"id": provider_id, "opens": opens, "closes": closes},
                )
        engine.dispose()
        upgrade("services.booking", made.owner_url)
        engine = owner_engine(made.owner_url)
        with engine.begin() as connection:
            rows = connection.execute(text("SELECT opens, closes FROM opening_hours ORDER BY opens")).all()
        engine.dispose()
    assert [tuple(row) for row in rows] == [(540, 660), (700, 800), (900, 1000)]
