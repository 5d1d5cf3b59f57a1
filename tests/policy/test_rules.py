"""What is applied to a cluster keeps our rules, and each rule refuses what it is there to refuse.

promise A5: an image and a kustomization per service, applied alone.
"""

import pytest

from deploy.manifests import rules
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


@pytest.mark.parametrize("broken", BREAKS, ids=str)
def test_a_rule_refuses(broken: Break, renderings: dict[str, Rendering]) -> None:
    """promises I3 and I5: roll-outs that lose nobody, TLS, scaling, one good pod more than is needed."""
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
