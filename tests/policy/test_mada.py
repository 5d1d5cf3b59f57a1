"""parts/mada is for whom it may concern: no overlay lists it, so it is rendered here with one that does."""

import os
from pathlib import Path

import yaml

from deploy.manifests import rules
from deploy.manifests.documents import Rendering, secret_references
from deploy.manifests.render import KUSTOMIZATIONS, render
from services.payment.clients.tap_mode import tap_mode
from services.payment.settings import Mode, PaymentSettings, payment_mode
from shared.settings import load

ADDRESSES = {
    "TAP_WEBHOOK_URL": "https://care.example.com/api/v1/customer/payments/webhook/tap",
    "TAP_RETURN_URL": "https://care.example.com/",
    "TAP_CONTACT_EMAIL": "money@example.com",
}
KEYS = {
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_2",
    "TAP_SECRET_KEY": "sk_live_2",
}


def test_an_environment_that_wants_mada_has_it(tmp_path: Path) -> None:
    """promise D8: its key comes from a Secret of its own, and without one of its addresses nothing starts."""
    rendering = _production_with_mada(tmp_path)
    assert not list(rules.problems(rendering))
    container = rendering.deployments()[0].containers[0]
    assert ("TAP_SECRET_KEY", "payment-tap", "secret-key") in set(secret_references(container))
    given = {name: value or KEYS.get(name, "x") for name, value in rendering.settings(container).items()}
    settings = load(PaymentSettings, given)
    assert tap_mode(settings, payment_mode(settings)) is Mode.LIVE


def _production_with_mada(folder: Path) -> Rendering:
    """As the overlay of an owner who followed docs/kubernetes.md. `path` tells which environment it is."""
    base = Path(os.path.relpath(KUSTOMIZATIONS.resolve(), folder.resolve()))
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [str(base / "overlays/production/payment")],
        "components": [str(base / "parts/mada")],
        "configMapGenerator": [
            {
                "name": "payment-settings",
                "namespace": "care",
                "behavior": "merge",
                "literals": [f"{name}={value}" for name, value in ADDRESSES.items()],
            }
        ],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
    return Rendering("overlays/production/payment", render(str(folder)).manifests)
