"""In which order cells are walked through, and what was passed that the table does not know."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.chaos.matrix.outside import OUTSIDE
from tests.chaos.matrix.steps import STEPS
from tests.chaos.matrix.table import Cell

READING = (
    "GET ",
    "booking.get_",
    "booking.list_",
    "payment.get_",
    "payment.list_",
    "notify.list_",
    "search.",
)
"""How work begins that reads only. It answers all the same, and a lost answer is asked for again."""

STANDINS_OWN = "create_payment_method"
"""A card of tests that the stand-in lacks is made there once by each process; nothing is written for it."""


def in_turn(cells: Sequence[Cell]) -> list[Cell]:
    """The cells of each service spread evenly: while a process comes back, one of another service dies."""
    number_of, seen = Counter(cell.step.service for cell in cells), Counter[str]()
    places: list[tuple[float, Cell]] = []
    for cell in cells:
        service = cell.step.service
        places.append(((seen[service] + 0.5) / number_of[service], cell))
        seen[service] += 1
    return [cell for _, cell in sorted(places, key=lambda place: place[0])]


def undeclared(passed: Iterable[str]) -> list[str]:
    """Points that were passed, and that no step has; work that has no row may pass any."""
    known = {cell.line for step in STEPS for cell in step.passed()}
    return sorted(
        line
        for line in passed
        if line not in known
        and line.partition(" | ")[0] not in OUTSIDE
        and not line.startswith(READING)
        and STANDINS_OWN not in line
    )
