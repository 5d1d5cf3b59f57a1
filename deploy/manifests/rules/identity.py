"""Names, labels, images and secrets: who something is, which release, and that it gives nothing away."""

import re
from collections.abc import Iterator

from deploy.manifests.documents import (
    COMPONENT,
    NAME,
    PART_OF,
    SERVICES,
    VERSION,
    Rendering,
    secret_references,
    title,
)

IMAGE = re.compile(r"^(?P<name>[a-z0-9./-]+)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?$")
URL_WITH_PASSWORD = re.compile(r"\w://[^/@\s:]*:[^/@\s$]+@")
SECRET_WORD = re.compile(r"PASSWORD|SECRET|PRIVATE_KEY|TOKEN|DATABASE_URL|AMQP_URI|REDIS_URL")
WITHOUT_LABELS = {"ConfigMap", "Namespace"}
"""A ConfigMap is named by a hash of what it holds and found by that name only."""


def labels_say_who(rendering: Rendering) -> Iterator[str]:
    """Everything says what it is, what part it plays and that it is ours; pods also which release."""
    for manifest in rendering.manifests:
        labels = manifest["metadata"].get("labels", {})
        if manifest["kind"] not in WITHOUT_LABELS and not {NAME, COMPONENT, PART_OF} <= set(labels):
            yield f"{title(manifest)}: lacks one of the labels name, component, part-of"
    for load in rendering.workloads():
        if not {NAME, COMPONENT, PART_OF} <= set(load.labels):
            yield f"{load}: its pods lack one of the labels name, component, part-of"
        if load.service and load.labels.get(VERSION) != _tag(load.containers[0]["image"]):
            yield f"{load}: its pods' version is not their image's tag"


def selectors_find_their_pods(rendering: Rendering) -> Iterator[str]:
    """A selector matches the pods that it was written for, in every release."""
    for load in rendering.workloads():
        wanted = load.spec.get("selector", {}).get("matchLabels", {})
        if load.kind != "Job" and (not wanted or not wanted.items() <= load.labels.items()):
            yield f"{load}: does not select its own pods"
        if VERSION in wanted:
            yield f"{load}: selects by version; a Deployment's selector can't change"
    pods = [load.labels for load in rendering.workloads()]
    for service in rendering.of_kind("Service"):
        selector = service["spec"].get("selector", {})
        if not any(selector.items() <= labels.items() for labels in pods):
            yield f"{title(service)}: selects no pod"


def images_are_pinned(rendering: Rendering) -> Iterator[str]:
    """By tag at least, never `latest`; ours are named after their service, one image for a whole pod."""
    for load in rendering.workloads():
        images = {container["image"] for container in load.all_containers}
        for image in images:
            if _tag(image) in ("", "latest") and "@sha256:" not in image:
                yield f"{load}: the image {image} is not pinned"
        expected = load.labels.get(NAME)
        if expected in SERVICES and load.service != expected:
            yield f"{load}: does not run an image named care/{expected}"
        if load.service and len(images) > 1:
            yield f"{load}: its containers are of different releases"


def each_has_an_account_of_its_own(rendering: Rendering) -> Iterator[str]:
    accounts = {account["metadata"]["name"]: account for account in rendering.of_kind("ServiceAccount")}
    for load in rendering.workloads():
        account = accounts.get(str(load.pod.get("serviceAccountName")))
        if account is None:
            yield f"{load}: has no ServiceAccount beside it"
        elif account.get("automountServiceAccountToken") is not False:
            yield f"{title(account)}: hands out its token"


def no_secret_is_written_down(rendering: Rendering) -> Iterator[str]:
    """Secrets are named, never contained: none as an object, none as a value."""
    for manifest in rendering.manifests:
        if manifest["kind"] == "Secret":
            yield f"{title(manifest)}: a Secret has no place in the repository"
        if URL_WITH_PASSWORD.search(str(manifest)):
            yield f"{title(manifest)}: an address with a password in it"
    for manifest in rendering.of_kind("ConfigMap"):
        for key in filter(SECRET_WORD.search, manifest.get("data", {})):
            yield f"{title(manifest)}: {key} belongs into a Secret"


def no_variable_is_a_secret(rendering: Rendering) -> Iterator[str]:
    for load in rendering.workloads():
        for container in load.all_containers:
            from_secrets = {name for name, _, _ in secret_references(container)}
            for entry in container.get("env", ()):
                if SECRET_WORD.search(entry["name"]) and entry["name"] not in from_secrets:
                    yield f"{load}: {entry['name']} is written down instead of taken from a Secret"


def _tag(image: str) -> str:
    match = IMAGE.match(image)
    return (match["tag"] or "") if match else ""


RULES = (
    labels_say_who,
    selectors_find_their_pods,
    images_are_pinned,
    each_has_an_account_of_its_own,
    no_secret_is_written_down,
    no_variable_is_a_secret,
)
