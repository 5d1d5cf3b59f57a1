"""When booking's events were committed, and when their handlers had taken them in."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.stack import Stack
from tests.bench.stage import execute

# Deferred: it runs as the commit begins, so that the time of the transaction itself is not counted.
_BEGIN = """
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE TABLE bench.committed (id uuid PRIMARY KEY, routing_key text, at timestamptz);
CREATE FUNCTION bench.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = bench
AS $$
BEGIN
    INSERT INTO bench.committed VALUES (NEW.id, NEW.routing_key, clock_timestamp());
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER bench_note AFTER INSERT ON public.outbox DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION bench.note();
"""
_END = "DROP SCHEMA IF EXISTS bench CASCADE"


class Commits:
    """Notes them beside booking's outbox, which forgets a row as soon as it is sent."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    @contextmanager
    def noted(self) -> Iterator["Commits"]:
        execute(self._stack, "booking", _BEGIN)
        try:
            yield self
        finally:
            execute(self._stack, "booking", _END)

    def of(self, event: str, provider_id: str = "%") -> dict[str, float]:
        """By the id of each such event, of one provider or of all, the instant of its commit, by the wall
        clock."""
        rows = execute(
            self._stack,
            "booking",
            f"SELECT id::text, extract(epoch FROM at)::float FROM bench.committed "
            f"WHERE routing_key LIKE '{event}.{provider_id}.%'",
        )
        return dict(rows)  # type: ignore[arg-type]

    def handled(self, service: str) -> dict[str, float]:
        """By event the instant at which the service's handler noted it in its inbox."""
        rows = execute(
            self._stack, service, "SELECT event_id::text, extract(epoch FROM received_at)::float FROM inbox"
        )
        return dict(rows)  # type: ignore[arg-type]
