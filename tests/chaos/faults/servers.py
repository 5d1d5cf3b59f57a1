"""RabbitMQ, Redis and PostgreSQL stopped or killed for a moment, then started with the data that they had."""

from tests.chaos.faults.field import Field

AWAY_SECONDS = (0.2, 4.0)
LOOKS, BETWEEN_LOOKS_SECONDS = 100, 0.03


def strike_server(field: Field, kind: str) -> None:
    """End the server, orderly or not, while something needs it; then bring it back."""
    met = ""
    for _ in range(LOOKS):
        met = field.met(kind)
        if met or field.ending.is_set():
            break
        field.pause(BETWEEN_LOOKS_SECONDS)
    if field.ending.is_set():
        return
    is_killed = field.chance.random() < 0.5
    target = f"{kind} {'killed' if is_killed else 'stopped'}"
    with field.log.fault(kind, target, met):
        try:
            field.chaos.stack.stop_server(kind, is_killed=is_killed)
            field.pause(field.lasting(AWAY_SECONDS))
        finally:
            field.chaos.stack.start_server(kind)
