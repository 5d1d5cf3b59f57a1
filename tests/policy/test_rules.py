"""What is applied to a cluster keeps our rules, and each rule refuses what it is there to refuse.

promise A5: an image and a kustomization per service, applied alone.
"""

import copy

import pytest

from deploy.manifests import rules, schemas
from deploy.manifests.documents import SERVICES, Rendering
from tests.policy.breaking import Break
from tests.policy.breaks_of_environments import ENVIRONMENTS
from tests.policy.breaks_of_networks import NETWORKS
from tests.policy.breaks_of_pods import IDENTITY, PODS
from tests.policy.breaks_of_roll_outs import AVAILABILITY, MIGRATIONS, SETTINGS

BREAKS = (*PODS, *IDENTITY, *AVAILABILITY, *MIGRATIONS, *SETTINGS, *NETWORKS, *ENVIRONMENTS)
ALONE = {
    "Deployment",
    "Job",
    "ServiceAccount",
    "ConfigMap",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "NetworkPolicy",
}


def test_everything_that_is_applied_keeps_the_rules(renderings: dict[str, Rendering]) -> None:
    assert not [problem for rendering in renderings.values() for problem in rules.problems(rendering)]


def test_everything_that_is_applied_fits_the_schemas(renderings: dict[str, Rendering]) -> None:
    assert not schemas.problems(list(renderings.values()))


@pytest.mark.parametrize("broken", BREAKS, ids=str)
def test_a_rule_refuses(broken: Break, renderings: dict[str, Rendering]) -> None:
    rule = next(rule for rule in rules.RULES if rule.__name__ == broken.rule)
    problems = list(rule(broken.apply(renderings[broken.path])))
    assert any(broken.refused in problem for problem in problems), problems


def test_every_rule_is_seen_to_refuse() -> None:
    assert {rule.__name__ for rule in rules.RULES} == {broken.rule for broken in BREAKS}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_whole_alone(service: str, renderings: dict[str, Rendering]) -> None:
    """promise A5: a team applies its folder, and nothing of another service is in it."""
    rendering = renderings[f"base/{service}"]
    kinds = {manifest["kind"] for manifest in rendering.manifests}
    assert kinds == ALONE | ({"Service"} if service == "gateway" else set())
    names = {manifest["metadata"]["name"] for manifest in rendering.manifests}
    assert all(name == service or name.startswith(f"{service}-") for name in names)


def test_a_member_that_kubernetes_does_not_know_is_refused(renderings: dict[str, Rendering]) -> None:
    manifest = copy.deepcopy(renderings["base/search"].of_kind("Deployment")[0])
    manifest["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    assert [problem for problem in schemas.check(manifest) if "readynessProbe" in problem]


def test_a_kind_that_nobody_knows_is_refused() -> None:
    manifest = {"apiVersion": "apps/v1", "kind": "Deploymint", "metadata": {"name": "x"}}
    assert "no kind that" in next(iter(schemas.check(manifest)))
