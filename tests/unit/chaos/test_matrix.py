"""The crash matrix: its cells are counted, nothing is left out in silence, and the document has all of it."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from deploy.local.instance import ROOT, SERVICES, WORKERS
from services.gateway import invalidation
from services.gateway.app import assemble
from services.gateway.export_openapi import unconnected_settings
from services.gateway.resources import build
from services.payment.usecases.desk import Desk
from services.payment.usecases.work_jobs import job_handlers
from shared.contracts import booking, notify, payment, search
from shared.contracts.declaration import MethodKind
from tests.chaos.matrix.__main__ import main
from tests.chaos.matrix.kept import Walked, keep, walked
from tests.chaos.matrix.order import in_turn, undeclared
from tests.chaos.matrix.outside import OUTSIDE
from tests.chaos.matrix.report import BEGIN, END, FAILED, block, write_block
from tests.chaos.matrix.run import Result
from tests.chaos.matrix.steps import CELLS, STEPS
from tests.chaos.matrix.table import ALWAYS, ONCE, SENDER, Point, Step
from tests.chaos.matrix.walks import WALKS

WORKS = {step.work for step in STEPS}
DOCUMENT = ROOT / "docs" / "reliability.md"


def test_the_number_of_cells_is_computed_from_steps_and_points() -> None:
    """rule C17: two points for each commit, call and question, and those that every step of a kind has; a
    cell for each that is not tried at another step of its kind and service."""
    of_each = [2 * len(step.commits + step.calls + step.asks) + 2 * step.fails_once for step in STEPS]
    passed = [cell for step in STEPS for cell in step.passed()]
    assert len(passed) == sum(of_each) + sum(len(ALWAYS[step.kind]) for step in STEPS)
    assert set(passed) - set(CELLS) == {
        cell for cell in passed if not cell.step.is_example and cell.point in ONCE.get(cell.step.kind, {})
    }
    assert max(Counter((cell.step.walk, cell.line) for cell in CELLS).values()) == 1


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.phase}: {step.work}")
def test_a_step_has_a_point_or_a_reason_why_not(step: Step) -> None:
    """rule C17: no combination is left out in silence."""
    has = {cell.point for cell in step.cells()}
    assert has
    assert {point for point in Point if not step.reason_against(point)} == has
    assert step.walk in WALKS


def test_what_is_tried_once_is_tried_in_each_service() -> None:
    """rule C17: where one piece of code works for all steps of a kind, one of each service dies in it."""
    for kind, points in ONCE.items():
        for point in points:
            tried = [cell.step.service for cell in CELLS if cell.step.kind is kind and cell.point is point]
            assert set(tried) == {
                cell.step.service
                for step in STEPS
                if step.kind is kind
                for cell in step.passed()
                if cell.point is point
            }


def _decorated(decorator: str) -> Iterator[str]:
    """The methods of the services that a decorator makes entrypoints."""
    files = (
        (service, path)
        for service in WORKERS
        for path in [
            ROOT / "services" / service / "service.py",
            *(ROOT / "services" / service / "doors").glob("*.py"),
        ]
    )
    for service, path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == decorator
                for one in node.decorator_list
            ):
                yield f"{service}.{node.name}"


def _repeated() -> Iterator[str]:
    """What a process of the gateway does again and again."""
    tree = ast.parse((ROOT / "services" / "gateway" / "resources.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Repeated":
            yield f"gateway {ast.literal_eval(node.args[0])}"


def _commands() -> Iterator[str]:
    for contract in (booking, notify, payment, search):
        yield from (one.full_name for one in contract.METHODS if one.kind is not MethodKind.QUESTION)


def _routes() -> Iterator[str]:
    """Routes that may change something."""
    resources = build(unconnected_settings())
    rules = assemble(resources).url_map.iter_rules()
    resources.stop()
    for rule in rules:
        yield from (
            f"{verb} {rule.rule}" for verb in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        )


def test_all_that_writes_or_sends_is_a_step_or_has_a_reason() -> None:
    """rule C17: each command, handler, timer, job, relay of an event and route that changes something, and
    what the gateway does beside its routes."""
    jobs = job_handlers(cast(Desk, None))
    known = {
        *_commands(),
        *_decorated("on_event"),
        *_decorated("every"),
        *_repeated(),
        invalidation.QUEUE,
        *(f"job {kind}" for kind in jobs),
        *(f"relay {event}" for event in SENDER),
        *_routes(),
    }
    assert known == WORKS | set(OUTSIDE)
    assert not WORKS & set(OUTSIDE)


def test_what_is_passed_and_stands_nowhere_is_told() -> None:
    """rule C17: a transaction or call that comes to a step is a cell that is missing."""
    line = CELLS[0].line
    new = line.rpartition(" | ")[0] + " | 99"
    assert undeclared([line, "job reconcile | claimed | 1", "booking.get_booking | x | 1", new]) == [new]


def test_cells_are_walked_through_in_turn_by_service() -> None:
    """rule C17: none is lost by the order."""
    ordered = in_turn(CELLS)
    assert sorted(map(str, ordered)) == sorted(map(str, CELLS))
    begin, end = ordered[:40], ordered[-40:]
    assert {cell.step.service for cell in begin} == {cell.step.service for cell in end} == set(SERVICES)


def test_a_run_of_no_cell_is_refused() -> None:
    """rule C17: a name that no cell has would pass, since nothing was tried."""
    with pytest.raises(SystemExit) as refused:
        main(["--only", "no such step"])
    assert refused.value.code == 2


def test_a_cell_that_was_not_reached_is_a_failure_in_the_table(tmp_path: Path) -> None:
    """rule C17: what was not tried does not look as if it had been."""
    document = tmp_path / "reliability.md"
    document.write_text(f"before\n{BEGIN}\nof the last time\n{END}\nafter\n", encoding="utf-8")
    sound = [Result(cell, WALKS[cell.step.walk].wanted[0], "", 1.0) for cell in CELLS]
    write_block(document, block(Walked(sound, 1, 1.0)))
    text = document.read_text(encoding="utf-8")
    assert (text.startswith("before"), text.endswith("after\n")) == (True, True)
    assert "of the last time" not in text
    assert FAILED not in text
    assert FAILED in block(Walked(sound[1:], 1, 1.0))
    lost = Result(CELLS[0], "pending", "not reached", 1.0)
    assert FAILED in block(Walked([lost, *sound[1:]], 1, 1.0))


def test_a_matrix_that_is_walked_in_pieces_is_whole_when_every_cell_was_survived(tmp_path: Path) -> None:
    """rule C17: a cell that failed is walked again before there is a table."""
    sound = [Result(cell, WALKS[cell.step.walk].wanted[0], "", 1.0) for cell in CELLS]
    keep(tmp_path, [Result(CELLS[0], "pending", "not reached", 1.0), *sound[1:9]], 10.0)
    keep(tmp_path, sound[9:], 20.0)
    assert not walked(tmp_path).is_whole
    keep(tmp_path, sound[:2], 5.0)
    together = walked(tmp_path)
    assert (together.is_whole, together.runs, together.seconds) == (True, 3, 35.0)
    assert block(together).startswith(f"{len(CELLS)} cells, {len(CELLS)} reached and survived, in 3 runs")


def test_the_document_has_the_table_of_this_matrix() -> None:
    """rule C17: every step stands in docs/reliability.md with an outcome; `make chaos-matrix` writes it."""
    _, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    text, _, _ = rest.partition(END)
    assert text.strip().startswith(f"{len(CELLS)} cells, {len(CELLS)} reached and survived")
    rows = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert rows == WORKS
    reasons = text.partition("Without a row, because:")[2]
    assert set(re.findall(r"`([^`]+)`", reasons)) >= set(OUTSIDE)
    assert FAILED not in text
