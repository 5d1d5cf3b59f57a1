"""Policies that open more than is needed, or less."""

from deploy.manifests.documents import Manifest
from tests.policy.breaking import Break, Change, pod_labels

BOOKING = "base/booking"


def policy(rule: str, change: Change, refused: str) -> Break:
    return Break(rule, BOOKING, "NetworkPolicy", "booking", change, refused)


def _other_database(manifest: Manifest) -> None:
    peer = manifest["spec"]["egress"][0]["to"][0]
    peer["podSelector"]["matchLabels"]["cnpg.io/cluster"] = "payment-database"


def _redis(manifest: Manifest) -> None:
    peer = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "redis"}}}
    manifest["spec"]["egress"].append({"to": [peer], "ports": [{"protocol": "TCP", "port": 6379}]})


NETWORKS = (
    policy("callers_are_named", _other_database, "payment-database"),
    policy("callers_are_named", _redis, "TCP 6379"),
    policy("callers_are_named", lambda m: m["spec"]["ingress"].clear(), "may not be reached by"),
    policy("callers_are_named", lambda m: m["spec"]["egress"].pop(), "may not reach"),
    policy("callers_are_named", lambda m: m.update(kind="Ignored"), "0 NetworkPolicies speak"),
    Break(
        *("everybody_has_a_policy", BOOKING, "Job", "booking"),
        lambda m: pod_labels(m).update({"app.kubernetes.io/component": "other"}),
        "no NetworkPolicy speaks",
    ),
    policy("everybody_has_a_policy", lambda m: m["spec"].update(policyTypes=["Ingress"]), "both directions"),
    policy("nobody_is_open_to_all", lambda m: m["spec"]["ingress"][0].pop("from"), "names no peer"),
    policy("nobody_is_open_to_all", lambda m: m["spec"]["ingress"][0].pop("ports"), "no port"),
    policy("nobody_is_open_to_all", lambda m: m["spec"]["egress"][0]["to"].append({}), "open to everybody"),
    Break(
        *("nobody_is_open_to_all", "base/payment", "NetworkPolicy", "payment"),
        lambda m: m["spec"]["egress"][-2]["to"][0]["ipBlock"]["except"].remove("169.254.0.0/16"),
        "the internet includes 169.254.0.0/16",
    ),
)
