"""Our own rules: each looks at a rendering and names what it refuses."""

from collections.abc import Callable, Iterable

from deploy.manifests.documents import Rendering
from deploy.manifests.rules import availability, databases, identity, migrations, network, pods, settings

Rule = Callable[[Rendering], Iterable[str]]

RULES: tuple[Rule, ...] = (
    *pods.RULES,
    *identity.RULES,
    *availability.RULES,
    *migrations.RULES,
    *databases.RULES,
    *network.RULES,
    *settings.RULES,
)


def problems(rendering: Rendering) -> list[str]:
    """Everything that is refused, each with the path of its kustomization."""
    return [f"{rendering.path}: {problem}" for rule in RULES for problem in rule(rendering)]
