"""What a pod may do, what it may use, and how it is asked whether it is well."""

import re
from collections.abc import Iterator
from decimal import Decimal

from deploy.manifests.documents import Manifest, Rendering, Workload

USER = 10001
PROBES = {
    "startupProbe": "/health/live",
    "livenessProbe": "/health/live",
    "readinessProbe": "/health/ready",
}
"""Live asks nothing else, so that the outage of a server restarts nobody."""
CHECK_SECONDS = 2
"""What a check of ours may take (shared/worker/health.py); a probe waits longer."""

UNITS = {
    "m": Decimal("0.001"),
    "": Decimal(1),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
}
QUANTITY = re.compile(r"^(\d+(?:\.\d+)?)(m|Ki|Mi|Gi)?$")


def probes_are_ours(rendering: Rendering) -> Iterator[str]:
    """Each of our containers is asked by all three probes at the listener of the operator."""
    for load in rendering.deployments():
        for container in load.containers:
            for name, path in PROBES.items():
                probe = container.get(name)
                if not probe:
                    yield f"{load}: {container['name']} has no {name}"
                elif probe.get("httpGet") != {"path": path, "port": "health"}:
                    yield f"{load}: {name} of {container['name']} does not ask {path} at the port health"
                elif probe.get("timeoutSeconds", 1) <= CHECK_SECONDS:
                    yield f"{load}: {name} of {container['name']} gives up before a check of ours ends"


def others_are_probed_too(rendering: Rendering) -> Iterator[str]:
    for load in rendering.workloads():
        if load.service is None and load.kind != "Job":
            for container in load.containers:
                for name in ("livenessProbe", "readinessProbe"):
                    if not container.get(name):
                        yield f"{load}: {container['name']} has no {name}"


def resources_are_bounded(rendering: Rendering) -> Iterator[str]:
    """Every container asks for processor and memory, and is held to a limit that is not below."""
    for load in rendering.workloads():
        for container in load.all_containers:
            resources = container.get("resources", {})
            for what in ("cpu", "memory"):
                request = resources.get("requests", {}).get(what)
                limit = resources.get("limits", {}).get(what)
                if request is None or limit is None:
                    yield f"{load}: {container['name']} has no request or no limit of {what}"
                elif amount(request) > amount(limit):
                    yield f"{load}: {container['name']} asks for more {what} than its limit"


def pods_have_no_rights(rendering: Rendering) -> Iterator[str]:
    """No root, no token; the kernel's default filter of system calls."""
    for load in rendering.workloads():
        security = load.pod.get("securityContext", {})
        if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
            yield f"{load}: may run as root"
        elif load.service and security["runAsUser"] != USER:
            yield f"{load}: does not run as {USER}, the user of our images"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{load}: has no seccomp profile"
        if load.pod.get("automountServiceAccountToken") is not False:
            yield f"{load}: gets a token of the cluster's API"
        if load.pod.get("enableServiceLinks") is not False:
            yield f"{load}: gets variables that Kubernetes makes of Services, GATEWAY_PORT among them"


def pods_share_nothing_with_their_node(rendering: Rendering) -> Iterator[str]:
    for load in rendering.workloads():
        if any(load.pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{load}: shares something with its node"
        if any("hostPath" in volume for volume in load.pod.get("volumes", ())):
            yield f"{load}: mounts a folder of its node"


def containers_have_no_rights(rendering: Rendering) -> Iterator[str]:
    for load in rendering.workloads():
        for container in load.all_containers:
            security = container.get("securityContext", {})
            if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
                yield f"{load}: {container['name']} may gain rights"
            if security.get("capabilities", {}).get("drop") != ["ALL"] or security["capabilities"].get("add"):
                yield f"{load}: {container['name']} keeps capabilities"
            if security.get("readOnlyRootFilesystem") is not True:
                yield f"{load}: {container['name']} may write to its image's files"


def what_is_written_has_a_place(rendering: Rendering) -> Iterator[str]:
    """gunicorn's worker files and the metrics of several processes are files below /tmp."""
    for load in rendering.deployments():
        for container in load.containers:
            if not _is_writable(load, container, "/tmp"):  # noqa: S108 - a path in a container
                yield f"{load}: {container['name']} has no emptyDir at /tmp"


def _is_writable(load: Workload, container: Manifest, path: str) -> bool:
    folders = {volume["name"] for volume in load.pod.get("volumes", ()) if "emptyDir" in volume}
    return any(
        mount["mountPath"] == path and mount["name"] in folders and not mount.get("readOnly")
        for mount in container.get("volumeMounts", ())
    )


def amount(quantity: object) -> Decimal:
    """A quantity of Kubernetes as a number. Raises ValueError for one that is written otherwise."""
    match = QUANTITY.match(str(quantity))
    if match is None:
        raise ValueError(f"{quantity} is not a quantity that we use")
    return Decimal(match[1]) * UNITS[match[2] or ""]


RULES = (
    probes_are_ours,
    others_are_probed_too,
    resources_are_bounded,
    pods_have_no_rights,
    pods_share_nothing_with_their_node,
    containers_have_no_rights,
    what_is_written_has_a_place,
)
