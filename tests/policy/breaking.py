"""One thing broken in a good manifest at a time, and the words by which it is refused."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

from deploy.manifests.documents import Manifest, Rendering

Change = Callable[[Manifest], object]


@dataclass(frozen=True)
class Break:
    """`change` is made to the manifest `kind` `name` of the kustomization `path`."""

    rule: str
    path: str
    kind: str
    name: str
    change: Change
    refused: str

    def apply(self, rendering: Rendering) -> Rendering:
        """The rendering with one thing broken. Raises LookupError when there is nothing to break."""
        manifests = copy.deepcopy(rendering.manifests)
        for manifest in manifests:
            if manifest["kind"] == self.kind and manifest["metadata"]["name"].startswith(self.name):
                self.change(manifest)
                return Rendering(rendering.path, manifests)
        raise LookupError(f"{self.path} has no {self.kind} {self.name}")

    def __str__(self) -> str:
        return f"{self.rule}: {self.refused}"


def pod(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["spec"]["template"]["spec"]
    return found


def container(manifest: Manifest) -> Manifest:
    found: Manifest = pod(manifest)["containers"][0]
    return found


def pod_labels(manifest: Manifest) -> dict[str, str]:
    found: dict[str, str] = manifest["spec"]["template"]["metadata"]["labels"]
    return found


def environment(name: str, value: str) -> Change:
    """A variable of the first container, written down."""
    return lambda manifest: container(manifest)["env"].append({"name": name, "value": value})


def without_variable(name: str) -> Change:
    def change(manifest: Manifest) -> None:
        container(manifest)["env"] = [entry for entry in container(manifest)["env"] if entry["name"] != name]

    return change


def data(name: str, value: str) -> Change:
    return lambda manifest: manifest["data"].__setitem__(name, value)


def without_data(name: str) -> Change:
    return lambda manifest: manifest["data"].pop(name)
