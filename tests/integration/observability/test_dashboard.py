"""A real Prometheus scrapes every process, computes every rule, and answers everything the dashboard asks."""

import pytest

from deploy.local.stack import Stack
from tests.fixtures.observability import dashboard_queries, records
from tests.fixtures.waiting import wait_until
from tests.integration.observability.conftest import Visit
from tests.integration.observability.prometheus_process import Prometheus

ANSWERED_SECONDS = 45.0


@pytest.fixture(scope="module", autouse=True)
def _used(prometheus: Prometheus, visit: Visit) -> None:
    """Twice, with a scrape between: a series that begins with its only event has no rate."""
    visit.happens()
    wait_until(lambda: prometheus.numbers("care:holds_live:max"), "the first scrapes and rules")
    seen = prometheus.numbers("sum(care_holds_created_total)")[0]
    visit.happens()
    wait_until(
        lambda: prometheus.numbers("sum(care_holds_created_total)")[0] > seen, "what came to be scraped"
    )


def test_every_process_is_scraped(stack: Stack, prometheus: Prometheus) -> None:
    """promise I1: `job` is the service, `instance` the process."""
    wanted = {
        (str(target["labels"]["job"]), address)  # type: ignore[index]
        for target in stack.scrape_targets()
        for address in target["targets"]  # type: ignore[attr-defined]
    }
    assert len(wanted) >= 5
    wait_until(
        lambda: (
            {(one["metric"]["job"], one["metric"]["instance"]) for one in prometheus.ask("up == 1")} >= wanted
        ),
        "all targets to be up",
    )


def test_everything_that_is_asked_is_answered(prometheus: Prometheus) -> None:
    """promise I1: no panel of the dashboard is empty, and no rule computes nothing."""
    asked = {**dashboard_queries(), **{name: name for name in records()}}
    silent = dict(asked)

    def all_are_answered() -> bool:
        for name, expression in list(silent.items()):
            if prometheus.numbers(expression):
                del silent[name]
        return not silent

    try:
        wait_until(all_are_answered, "answers", seconds=ANSWERED_SECONDS, poll=0.5)
    except AssertionError:
        raise AssertionError(f"no answer to {silent}") from None


TWICE = (
    "sum(care_holds_created_total)",
    "sum(care_bookings_confirmed_total)",
    "sum(care_slots_refused_total)",
    'sum(care_payments_finished_total{outcome="captured"})',
    'sum(care_refunds_moved_total{status="due"})',
    'sum(care_http_request_seconds_count{route="unrouted",status="404"})',
)


def test_what_happened_is_what_is_told(prometheus: Prometheus) -> None:
    """The figures are those of the visits, not only some."""

    def rarer_than_it_was() -> list[str]:
        return [expression for expression in TWICE if prometheus.numbers(expression)[0] < 2]

    wait_until(lambda: not rarer_than_it_was(), "both visits to be counted everywhere")
