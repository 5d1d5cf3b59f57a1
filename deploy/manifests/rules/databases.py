"""That a database takes all who may come, and lets in nobody else."""

from collections.abc import Iterator

from deploy.manifests.documents import Rendering, Workload
from services.gateway.settings import GatewaySettings
from shared.settings import ProcessSettings

BESIDES_THE_POOL = 2
"""Connections of a process for its health and for the relay of its outbox."""
FOR_OTHERS = 20
"""For migrations, the operator, replicas and a person who looks."""


def connections_fit(rendering: Rendering) -> Iterator[str]:
    """Every pod that may run at once, one more while rolling out, each with all of its connections."""
    clusters = {cluster["metadata"]["name"]: cluster for cluster in rendering.of_kind("Cluster")}
    for load in rendering.deployments():
        cluster = clusters.get(f"{load.service}-database")
        if cluster is not None:
            there = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
            wanted = _pods(load, rendering) * _connections(load, rendering) + FOR_OTHERS
            if wanted > there:
                yield f"{load}: its database takes {there} connections and {load.service} may want {wanted}"


def _pods(load: Workload, rendering: Rendering) -> int:
    most = max(
        scaler["spec"]["maxReplicas"]
        for scaler in rendering.of_kind("HorizontalPodAutoscaler")
        if scaler["spec"]["scaleTargetRef"]["name"] == load.name
    )
    return int(most) + int(load.spec["strategy"]["rollingUpdate"]["maxSurge"])


def _connections(load: Workload, rendering: Rendering) -> int:
    given = rendering.settings(load.containers[0])
    pool = int(given.get("DATABASE_POOL_SIZE") or ProcessSettings.database_pool_size)
    processes = (
        int(given.get("GATEWAY_WORKERS") or GatewaySettings.workers) if load.service == "gateway" else 1
    )
    return processes * (pool + BESIDES_THE_POOL)


RULES = (connections_fit,)
