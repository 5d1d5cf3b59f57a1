"""docs/kubernetes.md lists every Secret that the manifests name, with its keys, and no other."""

import re
from collections import defaultdict
from collections.abc import Iterator

from deploy.manifests.documents import Manifest, Rendering, secret_references
from tests.architecture.source import ROOT

ROW = re.compile(r"^\| `([a-z-]+)` \| ([a-z, -]+) \|", re.MULTILINE)
ACCOUNT = ("username", "password")


def _of_operators(rendering: Rendering) -> Iterator[tuple[str, str]]:
    """Secrets that an operator reads, by the keys that its documentation names."""
    for cluster in rendering.of_kind("Cluster"):
        names = [cluster["spec"]["bootstrap"]["initdb"]["secret"]["name"]]
        names += [role["passwordSecret"]["name"] for role in cluster["spec"]["managed"]["roles"]]
        yield from ((name, key) for name in names for key in ACCOUNT)
    for user in rendering.of_kind("User"):
        yield from ((user["spec"]["importCredentialsSecret"]["name"], key) for key in ACCOUNT)
    for store in rendering.of_kind("ObjectStore"):
        credentials: dict[str, Manifest] = store["spec"]["configuration"]["s3Credentials"]
        yield from ((reference["name"], reference["key"]) for reference in credentials.values())


def test_every_secret_is_listed_with_its_keys(renderings: dict[str, Rendering]) -> None:
    named: dict[str, set[str]] = defaultdict(set)
    production = renderings["overlays/production"]
    for load in production.workloads():
        for container in load.all_containers:
            for _, secret, key in secret_references(container):
                named[secret].add(key)
    for secret, key in _of_operators(production):
        named[secret].add(key)
    text = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    listed = {secret: set(keys.split(", ")) for secret, keys in ROW.findall(text)}
    assert listed == dict(named)
