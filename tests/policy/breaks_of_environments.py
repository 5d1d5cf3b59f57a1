"""Overlays that forget what only an environment can say, and platforms that leave a door open."""

from deploy.manifests.documents import Manifest
from tests.policy.breaking import Break, container, data, without_data

GATEWAY = "overlays/production/gateway"
PLATFORM = "overlays/staging/platform"
PRODUCTION = "overlays/production"


def _clear_text(manifest: Manifest) -> None:
    manifest["spec"]["tls"][0]["hosts"] = ["other.example.com"]


def _other_service(manifest: Manifest) -> None:
    peer = manifest["spec"]["ingress"][0]["from"][0]
    peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] = "booking"


def _elsewhere(manifest: Manifest) -> None:
    manifest["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = "door"


ENVIRONMENTS = (
    Break(
        *("clients_are_known_by_their_address", GATEWAY, "ConfigMap", "gateway-settings"),
        without_data("TRUSTED_PROXIES"),
        "TRUSTED_PROXIES is empty",
    ),
    Break(
        *("clients_are_known_by_their_address", GATEWAY, "ConfigMap", "gateway-settings"),
        data("TRUSTED_PROXIES", "0.0.0.0/0"),
        "believes everybody",
    ),
    Break(
        *("carers_can_be_paid", PRODUCTION, "ConfigMap", "payment-settings"),
        data("PLATFORM_COUNTRY", ""),
        "PLATFORM_COUNTRY is empty",
    ),
    Break(
        *("carers_can_be_paid", PRODUCTION, "ConfigMap", "payment-settings"),
        data("ONBOARDING_URL", "https://elsewhere.example.com/"),
        "leads past the door",
    ),
    Break(
        *("the_door_is_encrypted", GATEWAY, "Ingress", "gateway"),
        lambda m: m["spec"].pop("tls"),
        "without TLS",
    ),
    Break(*("the_door_is_encrypted", GATEWAY, "Ingress", "gateway"), _clear_text, "without TLS"),
    Break(*("the_door_leads_to_the_gateway", GATEWAY, "Ingress", "gateway"), _elsewhere, "leads to door"),
    Break(
        *("the_door_leads_to_the_gateway", GATEWAY, "Ingress", "gateway"),
        lambda m: m.update(kind="Ignored"),
        "has no Ingress",
    ),
    Break(
        *("profiles_fit_their_environment", "overlays/local/search", "ConfigMap", "search-settings"),
        data("PROFILE", "production"),
        "instead of local",
    ),
    Break(
        *("others_are_probed_too", PLATFORM, "Deployment", "redis"),
        lambda m: container(m).pop("readinessProbe"),
        "redis has no readinessProbe",
    ),
    Break(
        *("namespaces_are_closed", PLATFORM, "NetworkPolicy", "nobody"),
        lambda m: m["spec"].update(egress=[{}]),
        "is not closed",
    ),
    Break(
        *("namespaces_are_closed", PLATFORM, "Namespace", "care-staging"),
        lambda m: m["metadata"]["labels"].pop("pod-security.kubernetes.io/enforce"),
        "not restricted",
    ),
    Break(
        *("nobody_is_open_to_all", PLATFORM, "NetworkPolicy", "every-database"),
        lambda m: m["spec"]["egress"][0]["ports"].append({"protocol": "TCP", "port": 80}),
        "the internet includes",
    ),
    Break(
        *("servers_know_their_callers", PLATFORM, "NetworkPolicy", "payment-database"),
        _other_service,
        "is open to booking, payment",
    ),
    Break(
        *("servers_know_their_callers", PLATFORM, "NetworkPolicy", "redis"),
        lambda m: m["spec"]["ingress"].clear(),
        "is open to gateway, or should be",
    ),
    Break(
        *("connections_fit", PRODUCTION, "Cluster", "gateway-database"),
        lambda m: m["spec"]["postgresql"]["parameters"].update(max_connections="100"),
        "connections and gateway may want",
    ),
    Break(
        *("connections_fit", PRODUCTION, "ConfigMap", "search-settings"),
        data("DATABASE_POOL_SIZE", "50"),
        "connections and search may want",
    ),
)
