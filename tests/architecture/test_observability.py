"""Rules and dashboard speak of metrics that there are, and every alert can be understood and acted on."""

import re
from typing import Any

import pytest
import yaml

from shared.telemetry import metrics
from tests.fixtures.observability import (
    GRAFANA,
    PROMETHEUS,
    RECORD,
    ROOT,
    Alert,
    alerts,
    dashboard_queries,
    metrics_in,
    panels,
    records,
    rules,
)

RUNBOOKS = ROOT / "docs" / "runbooks"
SEVERITIES = {"critical", "warning"}

DETAILS: dict[str, str] = {
    "care_webhooks_total": "which types come; that they are refused or late, the others say",
    "care_tap_seconds": "few have mada; that nothing is settled is seen by the reconciler's findings",
}
"""Metrics for looking closer only, each with the reason; the rest is on the dashboard or in a rule."""


def _name(metric: Any) -> str:
    return f"{metric._name}_total" if metric._type == "counter" else str(metric._name)


def _declared() -> dict[str, Any]:
    return {_name(metric): metric for metric in vars(metrics).values() if hasattr(metric, "_labelnames")}


def _expressions() -> list[str]:
    return [*(rule["expr"] for rule in rules()), *dashboard_queries().values()]


def test_only_metrics_that_there_are_are_asked_for() -> None:
    """promise I1: one list of names."""
    asked = {name for expression in _expressions() for name in metrics_in(expression)}
    assert not asked - set(_declared())


def test_every_metric_is_looked_at() -> None:
    """promise I1: on the dashboard, in a rule, or named as a detail."""
    asked = {name for expression in _expressions() for name in metrics_in(expression)}
    assert set(_declared()) - asked == set(DETAILS)


def test_only_labels_that_there_are_are_asked_for() -> None:
    """A label that a metric does not have matches nothing and says nothing."""
    selector = re.compile(r"\b(care_\w+?)(?:_bucket|_count|_sum)?\{([^}]*)\}")
    wrong = [
        f"{name}: {label}"
        for expression in _expressions()
        for name, matchers in selector.findall(expression)
        for label in re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\"", matchers)
        if label not in {"job", "instance", "le", *_declared()[name]._labelnames}
    ]
    assert not wrong


def test_what_describes_a_service_is_never_added_up_over_its_processes() -> None:
    """promise I1: each process says the same; the largest of a service is the answer."""
    shared = {_name(metric) for metric in metrics.OF_THE_SERVICE}
    wrong = [
        expression
        for expression in _expressions()
        for name in shared & metrics_in(expression)
        if not re.search(rf"max by \(job[^)]*\) \({name}(?:\{{[^}}]*\}})?\)", expression)
        or len(re.findall(rf"\b{name}\b", expression)) != 1
    ]
    assert not wrong


def test_what_is_computed_in_advance_is_there_and_is_used() -> None:
    used = {name for expression in _expressions() for name in RECORD.findall(expression)}
    assert used == set(records())


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_an_alert_says_how_bad_it_is_what_it_is_and_what_to_do(alert: Alert) -> None:
    """promise I1: a severity, a summary in words, a page that names it."""
    assert alert.labels["severity"] in SEVERITIES
    assert len(alert.annotations["summary"].split()) > 4
    page = ROOT / alert.annotations["runbook"]
    assert page.parent == RUNBOOKS
    assert f"**{alert.name}**" in page.read_text(encoding="utf-8")
    listed = re.findall(
        r"^\| \[.+?\]\((.+?)\) \| (.+) \|$", (RUNBOOKS / "README.md").read_text("utf-8"), re.M
    )
    assert [name for name, names in listed if alert.name in names.split(", ")] == [page.name]


def test_every_alert_is_shown_firing_and_silent() -> None:
    """promise I1: what is expected stands in the tests that promtool runs."""
    shown: dict[str, set[bool]] = {alert.name: set() for alert in alerts()}
    for path in sorted((PROMETHEUS / "tests").glob("*.yml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            for expected in case["alert_rule_test"]:
                shown[expected["alertname"]].add(bool(expected["exp_alerts"]))
    assert {name for name, found in shown.items() if found != {True, False}} == set()


def test_the_dashboard_asks_the_datasource_that_is_provisioned() -> None:
    text = (GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text(encoding="utf-8")
    provisioned = {source["uid"] for source in yaml.safe_load(text)["datasources"]}
    asked = {asking["datasource"]["uid"] for panel in panels() for asking in (panel, *panel["targets"])}
    assert asked == provisioned


def test_every_panel_has_a_title_of_its_own_and_a_unit() -> None:
    titles = [panel["title"] for panel in panels()]
    assert len(titles) == len(set(titles)) > 40
    assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in panels())
