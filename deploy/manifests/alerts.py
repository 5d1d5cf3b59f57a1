"""Prometheus' rules as the kind that its operator reads: kustomize can't put a file into a PrometheusRule."""

from pathlib import Path
from typing import Any

import yaml

from deploy.manifests.render import KUSTOMIZATIONS, ROOT

RULES = ROOT / "deploy" / "observability" / "prometheus" / "rules"
WRITTEN = KUSTOMIZATIONS / "platform" / "monitoring" / "alerts.yaml"
HEADER = "# Written by `make manifests` from deploy/observability/prometheus/rules: change those instead.\n"


def text() -> str:
    """A PrometheusRule for each file of rules."""
    rules = [_rule(path) for path in sorted(RULES.glob("*.yml"))]
    return HEADER + yaml.safe_dump_all(rules, sort_keys=False, width=1000, allow_unicode=True)


def _rule(path: Path) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": path.stem, "app.kubernetes.io/component": "monitoring"}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": path.stem, "labels": labels},
        "spec": yaml.safe_load(path.read_text(encoding="utf-8")),
    }
