"""The kinds of the operators that we use, and what each must have: Kubernetes has no schemas for them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deploy.manifests.documents import Manifest

Shape = Callable[[Manifest], Iterator[str]]
Members = Mapping[str, Any]
"""Members by name: a type, or the members of the object below, or a list of one form."""

TEXTS = [str]

CLUSTER: Members = {
    "instances": int,
    "imageName": str,
    "enableSuperuserAccess": bool,
    "bootstrap": {
        "initdb": {
            "database": str,
            "owner": str,
            "secret": {"name": str},
            "encoding": str,
            "localeCollate": str,
            "localeCType": str,
            "postInitApplicationSQL": TEXTS,
        }
    },
    "managed": {
        "roles": [
            {
                "name": str,
                "ensure": str,
                "login": bool,
                "superuser": bool,
                "createdb": bool,
                "createrole": bool,
                "passwordSecret": {"name": str},
            }
        ]
    },
    "postgresql": {"parameters": dict, "pg_hba": TEXTS},
    "storage": {"size": str, "storageClass": str},
    "walStorage": {"size": str},
    "resources": dict,
    "affinity": {"enablePodAntiAffinity": bool, "topologyKey": str, "podAntiAffinityType": str},
    "plugins": [{"name": str, "isWALArchiver": bool, "parameters": dict}],
    "primaryUpdateStrategy": str,
    "inheritedMetadata": {"labels": dict},
}
SCHEDULED_BACKUP: Members = {
    "cluster": {"name": str},
    "schedule": str,
    "immediate": bool,
    "backupOwnerReference": str,
    "method": str,
    "pluginConfiguration": {"name": str},
}
OBJECT_STORE: Members = {
    "retentionPolicy": str,
    "configuration": {
        "destinationPath": str,
        "endpointURL": str,
        "s3Credentials": {
            "accessKeyId": {"name": str, "key": str},
            "secretAccessKey": {"name": str, "key": str},
        },
        "wal": {"compression": str},
        "data": {"compression": str},
    },
}
RABBITMQ: Members = {
    "replicas": int,
    "image": str,
    "persistence": {"storage": str, "storageClassName": str},
    "resources": dict,
    "rabbitmq": {"additionalConfig": str, "advancedConfig": str, "additionalPlugins": TEXTS},
    "affinity": dict,
    "override": dict,
    "terminationGracePeriodSeconds": int,
}
USER: Members = {
    "rabbitmqClusterReference": {"name": str},
    "importCredentialsSecret": {"name": str},
    "tags": TEXTS,
}
PERMISSION: Members = {
    "vhost": str,
    "userReference": {"name": str},
    "permissions": {"configure": str, "write": str, "read": str},
    "rabbitmqClusterReference": {"name": str},
}
POD_MONITOR: Members = {
    "jobLabel": str,
    "selector": dict,
    "podMetricsEndpoints": [{"port": str, "path": str, "interval": str, "scrapeTimeout": str}],
    "podTargetLabels": TEXTS,
}
RULE: Members = {"groups": [{"name": str, "interval": str, "rules": list}]}


def unknown_or_wrong(value: object, form: Any, path: str) -> Iterator[str]:
    """Members that we never checked against the operator's documentation, and values of another type."""
    if isinstance(form, Mapping) and isinstance(value, Mapping):
        for name, member in value.items():
            if name in form:
                yield from unknown_or_wrong(member, form[name], f"{path}.{name}")
            else:
                yield f"{path}.{name} is not known"
    elif isinstance(form, list) and isinstance(value, list):
        for position, item in enumerate(value):
            yield from unknown_or_wrong(item, form[0], f"{path}.{position}")
    elif type(value) is not form:
        yield f"{path} is of another type than it must be"


def shape(members: Members, *required: str) -> Shape:
    """A check of `spec`: only members of the form, and those that are required, dotted."""

    def check(manifest: Manifest) -> Iterator[str]:
        spec = manifest.get("spec")
        yield from unknown_or_wrong(spec, members, "spec")
        for name in required:
            found: Any = spec
            for part in name.split("."):
                found = found.get(part) if isinstance(found, Mapping) else None
            if found in (None, "", [], {}):
                yield f"spec.{name} is missing"

    return check


KINDS: Mapping[tuple[str, str], Shape] = {
    ("postgresql.cnpg.io/v1", "Cluster"): shape(
        CLUSTER,
        *("instances", "imageName", "bootstrap.initdb.secret.name", "managed.roles", "storage.size"),
        *("resources.requests", "resources.limits"),
    ),
    ("postgresql.cnpg.io/v1", "ScheduledBackup"): shape(
        SCHEDULED_BACKUP, "cluster.name", "schedule", "method", "pluginConfiguration.name"
    ),
    ("barmancloud.cnpg.io/v1", "ObjectStore"): shape(
        OBJECT_STORE, "retentionPolicy", "configuration.destinationPath", "configuration.s3Credentials"
    ),
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): shape(
        RABBITMQ, "replicas", "image", "persistence.storage", "resources.requests", "resources.limits"
    ),
    ("rabbitmq.com/v1beta1", "User"): shape(
        USER, "rabbitmqClusterReference.name", "importCredentialsSecret.name"
    ),
    ("rabbitmq.com/v1beta1", "Permission"): shape(
        PERMISSION, "vhost", "userReference.name", "permissions", "rabbitmqClusterReference.name"
    ),
    ("monitoring.coreos.com/v1", "PodMonitor"): shape(POD_MONITOR, "selector", "podMetricsEndpoints"),
    ("monitoring.coreos.com/v1", "PrometheusRule"): shape(RULE, "groups"),
}
