"""The migrations to the supply take over what is there, beside customers who go on booking."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text

from shared.database.migrate import upgrade
from shared.ids import new_id
from tests.fixtures.servers import owner_engine, service_database
from tests.fixtures.waiting import wait_until

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


def test_who_is_in_the_middle_of_a_hold_ends_it_and_then_the_tables_change() -> None:
    """promise A1: the migration to several resources waits for whoever has looked at staff and bookings,
    and has nothing yet that they need; neither is refused."""
    with service_database("booking", "0004") as made:
        engine = owner_engine(made.owner_url)
        with engine.connect() as holding, ThreadPoolExecutor(1) as pool:
            holding.execute(text("SELECT FROM staff, booking"))
            migrating = pool.submit(upgrade, "services.booking", made.owner_url)
            wait_until(lambda: _somebody_waits(engine), "the migration to wait")
            holding.execute(text("DELETE FROM allocation"))
            holding.commit()
            migrating.result()
        engine.dispose()


def _somebody_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        waiting = text(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND relation IS NOT NULL AND NOT granted)"
        )
        return bool(connection.execute(waiting).scalar_one())
