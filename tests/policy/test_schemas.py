"""What no schema and no list of ours knows is refused, and so is what kubectl can't render."""

import copy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.manifests import render, schemas
from deploy.manifests.documents import Manifest, Rendering


def test_everything_that_is_applied_fits_the_schemas(renderings: dict[str, Rendering]) -> None:
    """promise A5: for the oldest Kubernetes that we promise to run on and the newest that we know."""
    assert not schemas.problems(list(renderings.values()))


def test_a_member_that_kubernetes_does_not_know_is_refused(renderings: dict[str, Rendering]) -> None:
    manifest = copy.deepcopy(renderings["base/search"].of_kind("Deployment")[0])
    manifest["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    assert [problem for problem in schemas.check(manifest) if "readynessProbe" in problem]


def test_a_kind_that_nobody_knows_is_refused() -> None:
    manifest = {"apiVersion": "apps/v1", "kind": "Deploymint", "metadata": {"name": "x"}}
    assert "no kind that" in next(iter(schemas.check(manifest)))


@pytest.mark.parametrize(
    ("kind", "change", "refused"),
    [
        ("Cluster", lambda spec: spec.update(instance=3), "spec.instance is not known"),
        ("Cluster", lambda spec: spec.update(instances="3"), "spec.instances is of another type"),
        ("Cluster", lambda spec: spec["bootstrap"]["initdb"].pop("secret"), "secret.name is missing"),
        ("Cluster", lambda spec: spec.pop("resources"), "resources.limits is missing"),
        ("ScheduledBackup", lambda spec: spec.pop("schedule"), "schedule is missing"),
        ("ObjectStore", lambda spec: spec.pop("retentionPolicy"), "retentionPolicy is missing"),
        ("RabbitmqCluster", lambda spec: spec.pop("persistence"), "persistence.storage is missing"),
        ("User", lambda spec: spec.pop("importCredentialsSecret"), "importCredentialsSecret.name is missing"),
        ("Permission", lambda spec: spec["permissions"].update(all=".*"), "permissions.all is not known"),
        ("PodMonitor", lambda spec: spec["podMetricsEndpoints"][0].update(port=8081), "of another type"),
    ],
)
def test_an_operator_s_kind_is_checked_by_our_list(
    kind: str, change: Callable[[Manifest], object], refused: str, renderings: dict[str, Rendering]
) -> None:
    manifest = copy.deepcopy(renderings["overlays/production"].of_kind(kind)[0])
    assert not list(schemas.check(manifest))
    change(manifest["spec"])
    assert [problem for problem in schemas.check(manifest) if refused in problem]


def test_what_can_not_be_rendered_is_told() -> None:
    with pytest.raises(render.RenderError, match="never"):
        render.render("never")


def test_without_a_kubectl_in_the_path_the_pinned_one_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert render.kubectl() == str(Path(sys.executable).with_name("kubectl"))
    assert render.render("base/search").of_kind("Deployment")
