"""That a roll-out, a drained node or a busy hour costs no request."""

from collections.abc import Iterator

from deploy.manifests.documents import Manifest, Rendering, Workload, selects, title
from shared.contracts.declaration import DEADLINE_SECONDS
from shared.worker.runner import KILL_SECONDS

AT_LEAST = {"production": 2}
"""Pods of each service; elsewhere one is enough."""
WITHDRAWN_SECONDS = 5
"""How long load balancers may go on sending to a pod that was taken off their list, at least."""


def stopping_waits_for_work(rendering: Rendering) -> Iterator[str]:
    """Work in hand may take its whole deadline; the pod is killed after STOP_SECONDS and the end by force."""
    longest = max(DEADLINE_SECONDS.values())
    for load in rendering.deployments():
        settings = rendering.settings(load.containers[0])
        stop_seconds = int(settings.get("STOP_SECONDS") or 0)
        if stop_seconds <= longest:
            yield f"{load}: STOP_SECONDS is not above the longest deadline, {longest:g} s"
        needed = pre_stop_seconds(load) + stop_seconds + KILL_SECONDS
        if load.pod.get("terminationGracePeriodSeconds", 30) <= needed:
            yield f"{load}: terminationGracePeriodSeconds is not above the {needed:g} s that a stop may take"


def the_door_waits_until_nobody_knocks(rendering: Rendering) -> Iterator[str]:
    """Whoever is behind a Service goes on answering until its address is withdrawn."""
    for load in rendering.deployments():
        is_reached = any(
            service["spec"].get("selector", {}).items() <= load.labels.items()
            for service in rendering.of_kind("Service")
        )
        if is_reached and pre_stop_seconds(load) < WITHDRAWN_SECONDS:
            yield f"{load}: is behind a Service and has no preStop of {WITHDRAWN_SECONDS} s or more"


def roll_outs_lose_nobody(rendering: Rendering) -> Iterator[str]:
    """The new pod first, spread over machines and zones; how many there are, only one may say."""
    for load in rendering.deployments():
        rolling = load.spec.get("strategy", {}).get("rollingUpdate", {})
        if rolling.get("maxUnavailable") != 0 or not rolling.get("maxSurge"):
            yield f"{load}: a roll-out may take a pod away before the new one is ready"
        if "replicas" in load.spec:
            yield f"{load}: says replicas, which undoes its HorizontalPodAutoscaler at each apply"
        spread = {item["topologyKey"]: item for item in load.pod.get("topologySpreadConstraints", ())}
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone"):
            if not selects(spread.get(key, {}).get("labelSelector", {"matchLabels": {"": ""}}), load.labels):
                yield f"{load}: its pods are not spread by {key}"


def load_brings_more_pods(rendering: Rendering) -> Iterator[str]:
    scalers = {item["spec"]["scaleTargetRef"]["name"]: item for item in _scalers(rendering)}
    for load in rendering.deployments():
        scaler = scalers.get(load.name)
        if scaler is None:
            yield f"{load}: has no HorizontalPodAutoscaler"
            continue
        least, most = scaler["spec"].get("minReplicas", 1), scaler["spec"]["maxReplicas"]
        if most <= least:
            yield f"{title(scaler)}: can't scale from {least} to {most}"
        if least < AT_LEAST.get(rendering.environment or "production", 1):
            yield f"{title(scaler)}: {least} pod at a time is no availability"
        if not scaler["spec"].get("metrics"):
            yield f"{title(scaler)}: scales by nothing"


def drained_nodes_take_one_at_a_time(rendering: Rendering) -> Iterator[str]:
    for load in rendering.deployments():
        budgets = [
            budget
            for budget in rendering.of_kind("PodDisruptionBudget")
            if selects(budget["spec"].get("selector"), load.labels)
        ]
        if [budget["spec"].get("maxUnavailable") for budget in budgets] != [1]:
            yield f"{load}: has no PodDisruptionBudget that lets exactly one pod go"


def pre_stop_seconds(load: Workload) -> int:
    """How long the pod goes on as before after it was told to end."""
    hook = load.containers[0].get("lifecycle", {}).get("preStop", {})
    return int(hook.get("sleep", {}).get("seconds", 0))


def _scalers(rendering: Rendering) -> list[Manifest]:
    return rendering.of_kind("HorizontalPodAutoscaler")


RULES = (
    stopping_waits_for_work,
    the_door_waits_until_nobody_knocks,
    roll_outs_lose_nobody,
    load_brings_more_pods,
    drained_nodes_take_one_at_a_time,
)
