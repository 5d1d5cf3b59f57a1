"""After the faults everything came to rest by itself, and the journey passes again."""

from deploy.local.instance import SERVICES
from tests.chaos.facts import Facts, Violation


def everything_came_to_rest(facts: Facts) -> list[Violation]:
    """promise A2: queues, outboxes, jobs, payments and holds came to an end without help."""
    return [Violation("promise A2", f"stuck: {what}") for what in facts.unrest]


def nothing_waits(facts: Facts) -> list[Violation]:
    """rule C17: outboxes are empty, no job was given up."""
    found = [
        Violation("rule C17", f"outbox of {service}: event {row['id']} was never sent", row["committed"])
        for service in SERVICES
        for row in facts.rows.get(f"{service}.outbox", [])
    ]
    found += [
        Violation("rule W3", f"job {row['kind']} {row['key']} is parked: {row['reason']}", row["committed"])
        for row in facts.rows.get("payment.job", [])
        if row["state"] == "parked"
    ]
    return found


def the_journey_passes_again(facts: Facts) -> list[Violation]:
    """promise A3: one customer's way from search to refund, on what the faults have left."""
    return [Violation("promise A3", f"the journey: {line}") for line in facts.journey]


def every_cell_was_reached_and_survived(facts: Facts) -> list[Violation]:
    """rule C17: where a process died at a named point, its customer was served all the same."""
    return [
        Violation("rule C17", f"{row['cell']}: {row['problem']}") for row in facts.cells if row["problem"]
    ]


CHECKS = (
    everything_came_to_rest,
    nothing_waits,
    the_journey_passes_again,
    every_cell_was_reached_and_survived,
)
