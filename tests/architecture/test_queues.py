"""No queue changes unnoticed: the broker refuses to declare one that exists with other arguments."""

from tests.architecture import queues


def test_every_queue_is_declared_as_the_snapshot_says() -> None:
    """A difference is a migration of the broker: the old queue is emptied and deleted before the start."""
    assert queues.SNAPSHOT.read_text(encoding="utf-8") == queues.text(), "see tests/architecture/queues.py"
