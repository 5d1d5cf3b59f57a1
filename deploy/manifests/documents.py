"""What one `kubectl apply -k` would send, and ways to ask about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]

NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
PART_OF = "app.kubernetes.io/part-of"
VERSION = "app.kubernetes.io/version"

SERVICES = ("search", "booking", "payment", "notify", "gateway")


@dataclass(frozen=True)
class Workload:
    """A Deployment, StatefulSet or Job with its pods."""

    manifest: Manifest

    @property
    def kind(self) -> str:
        return str(self.manifest["kind"])

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def spec(self) -> Manifest:
        return _mapping(self.manifest, "spec")

    @property
    def labels(self) -> dict[str, str]:
        """Of its pods."""
        return _mapping(self.spec, "template", "metadata", "labels")

    @property
    def pod(self) -> Manifest:
        return _mapping(self.spec, "template", "spec")

    @property
    def containers(self) -> list[Manifest]:
        """Those that run, first the one that gave the pod its purpose."""
        return list(self.pod.get("containers", ()))

    @property
    def all_containers(self) -> list[Manifest]:
        return [*self.pod.get("initContainers", ()), *self.containers]

    @property
    def service(self) -> str | None:
        """Which of our services its image holds; None: somebody else's image."""
        image = str(self.containers[0].get("image", "")) if self.containers else ""
        name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
        is_ours = "care/" in image and name in SERVICES
        return name if is_ours else None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Rendering:
    """The manifests of one kustomization; `path` is its folder below deploy/k8s."""

    path: str
    manifests: tuple[Manifest, ...]

    @property
    def environment(self) -> str | None:
        """The overlay's name; None below base and platform."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "overlays" and len(parts) > 1 else None

    def of_kind(self, *kinds: str) -> list[Manifest]:
        return [manifest for manifest in self.manifests if manifest.get("kind") in kinds]

    def workloads(self) -> list[Workload]:
        return [Workload(manifest) for manifest in self.of_kind("Deployment", "StatefulSet", "Job")]

    def deployments(self) -> list[Workload]:
        """Those of our services."""
        return [load for load in self.workloads() if load.kind == "Deployment" and load.service]

    def settings(self, container: Manifest) -> dict[str, str | None]:
        """Every variable of a container; None stands for a value that comes from a Secret."""
        found: dict[str, str | None] = {}
        for source in container.get("envFrom", ()):
            found |= self._config(source.get("configMapRef", {}).get("name", ""))
        for entry in container.get("env", ()):
            found[entry["name"]] = entry.get("value")
        return found

    def _config(self, name: str) -> dict[str, str]:
        for manifest in self.of_kind("ConfigMap"):
            if manifest["metadata"]["name"] == name:
                return dict(manifest.get("data", {}))
        return {}


def title(manifest: Manifest) -> str:
    """How a problem names it."""
    return f"{manifest.get('kind')} {manifest.get('metadata', {}).get('name')}"


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; ours use equality, In and Exists. An empty one matches all."""
    wanted: Mapping[str, str] = (selector or {}).get("matchLabels", {})
    expressions: list[Manifest] = (selector or {}).get("matchExpressions", [])
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        labels.get(one["key"]) in one["values"] if one["operator"] == "In" else one["key"] in labels
        for one in expressions
    )


def secret_references(container: Manifest) -> Iterator[tuple[str, str, str]]:
    """Variable, Secret and key of everything that a container takes from a Secret."""
    for entry in container.get("env", ()):
        reference = entry.get("valueFrom", {}).get("secretKeyRef")
        if reference:
            yield entry["name"], reference["name"], reference["key"]


def _mapping(manifest: Manifest, *path: str) -> dict[str, Any]:
    found: Any = manifest
    for key in path:
        found = found.get(key) or {}
    return dict(found)
