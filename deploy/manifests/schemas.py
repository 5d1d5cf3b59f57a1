"""Holds manifests against Kubernetes' schemas, strictly, and operators' kinds against what we use of them."""

import functools
from collections.abc import Iterator

import kubernetes_validate
from kubernetes_validate import utils

from deploy.manifests.documents import Manifest, Rendering, title
from deploy.manifests.operators import KINDS

VERSIONS = ("1.32", "1.37")
"""The oldest Kubernetes that we promise to run on, and the newest whose schemas we have."""

# Every call would read some megabytes of definitions again.
utils.schema_contents = functools.cache(utils.schema_contents)


def problems(renderings: list[Rendering]) -> list[str]:
    """What does not fit; the same object in several renderings is looked at once."""
    found: list[str] = []
    seen: set[str] = set()
    for rendering in renderings:
        for manifest in rendering.manifests:
            key = repr(manifest)
            if key not in seen:
                seen.add(key)
                found += [f"{rendering.path}: {title(manifest)}: {text}" for text in check(manifest)]
    return found


def check(manifest: Manifest) -> Iterator[str]:
    """What is wrong with one manifest. An operator's kind is known by our list, or refused."""
    version, kind = str(manifest.get("apiVersion")), str(manifest.get("kind"))
    shape = KINDS.get((version, kind))
    if shape is not None:
        yield from shape(manifest)
        return
    for release in VERSIONS:
        try:
            kubernetes_validate.validate(manifest, release, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"Kubernetes {release}: {'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError:
            yield f"{version} {kind} is no kind that Kubernetes {release} or we know"
