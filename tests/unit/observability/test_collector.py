"""The collector's configuration: well formed, complete, and about what our spans carry.

No collector runs in the tests; what can be said without one is said here.
"""

from pathlib import Path
from typing import Any

import yaml

from shared.contracts.declaration import DEADLINE_SECONDS
from shared.telemetry.attributes import MAY_LEAVE, TIMER

FILE = Path(__file__).parents[3] / "deploy" / "observability" / "collector.yaml"
COMPONENTS = ("receivers", "processors", "exporters")
OTLP_OVER_HTTP = 4318
"""The protocol's own port, which OTEL_EXPORTER_OTLP_ENDPOINT names everywhere."""


def _configuration() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def _policies() -> list[dict[str, Any]]:
    """Every policy, those inside of `and` too."""
    found: list[dict[str, Any]] = []
    left = list(_configuration()["processors"]["tail_sampling"]["policies"])
    while left:
        policy = left.pop()
        found.append(policy)
        left.extend(policy.get("and", {}).get("and_sub_policy", ()))
    return found


def test_every_component_is_used_and_every_used_one_is_there() -> None:
    configuration = _configuration()
    pipeline = configuration["service"]["pipelines"]["traces"]
    for kind in COMPONENTS:
        assert set(pipeline[kind]) == set(configuration[kind])
    assert configuration["service"]["extensions"] == list(configuration["extensions"])
    assert set(configuration) == {*COMPONENTS, "extensions", "service"}


def test_memory_is_guarded_first_and_batches_are_made_last() -> None:
    processors = _configuration()["service"]["pipelines"]["traces"]["processors"]
    assert processors == ["memory_limiter", "tail_sampling", "batch"]


def test_it_listens_where_our_processes_send() -> None:
    endpoint = _configuration()["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert endpoint.endswith(f":{OTLP_OVER_HTTP}")


def test_every_policy_is_set_up_as_its_type_says() -> None:
    policies = _policies()
    assert len({policy["name"] for policy in policies}) == len(policies)
    for policy in policies:
        assert set(policy) == {"name", "type", policy["type"]}, policy


def test_every_error_is_kept() -> None:
    """promise A7: by a policy that stands alone, so that no other can overrule it"""
    policies = _configuration()["processors"]["tail_sampling"]["policies"]
    kept = [policy["status_code"] for policy in policies if policy["type"] == "status_code"]
    assert kept == [{"status_codes": ["ERROR"]}]
    assert not [policy for policy in policies if policy.get("string_attribute", {}).get("invert_match")]


def test_a_trace_is_judged_after_its_longest_request() -> None:
    wait = _configuration()["processors"]["tail_sampling"]["decision_wait"]
    assert int(wait.removesuffix("s")) > max(DEADLINE_SECONDS.values())


def test_policies_ask_for_attributes_that_our_spans_carry() -> None:
    """promise A7"""
    asked = {policy[policy["type"]]["key"] for policy in _policies() if policy["type"].endswith("_attribute")}
    assert asked == {TIMER}
    assert asked <= MAY_LEAVE
