"""Pods that may too much, are asked too little, or give away who they are."""

from tests.policy.breaking import Break, Change, container, data, environment, pod, pod_labels

SEARCH = "base/search"


def deployment(rule: str, change: Change, refused: str) -> Break:
    return Break(rule, SEARCH, "Deployment", "search", change, refused)


PODS = (
    deployment("probes_are_ours", lambda m: container(m).pop("startupProbe"), "has no startupProbe"),
    deployment("probes_are_ours", lambda m: container(m).pop("livenessProbe"), "has no livenessProbe"),
    deployment("probes_are_ours", lambda m: container(m).pop("readinessProbe"), "has no readinessProbe"),
    deployment(
        "probes_are_ours",
        lambda m: container(m)["livenessProbe"]["httpGet"].update(path="/health/ready"),
        "does not ask /health/live",
    ),
    deployment(
        "probes_are_ours",
        lambda m: container(m)["readinessProbe"].update(timeoutSeconds=1),
        "gives up before",
    ),
    deployment("resources_are_bounded", lambda m: container(m).pop("resources"), "no limit of memory"),
    deployment(
        "resources_are_bounded",
        lambda m: pod(m)["initContainers"][0]["resources"]["limits"].pop("cpu"),
        "no limit of cpu",
    ),
    deployment(
        "resources_are_bounded",
        lambda m: container(m)["resources"]["requests"].update(memory="2Gi"),
        "more memory than its limit",
    ),
    deployment(
        "pods_have_no_rights", lambda m: pod(m)["securityContext"].pop("runAsNonRoot"), "may run as root"
    ),
    deployment(
        "pods_have_no_rights",
        lambda m: pod(m)["securityContext"].update(runAsUser=1000),
        "does not run as 10001",
    ),
    deployment(
        "pods_have_no_rights", lambda m: pod(m)["securityContext"].pop("seccompProfile"), "no seccomp profile"
    ),
    deployment(
        "pods_have_no_rights", lambda m: pod(m).pop("automountServiceAccountToken"), "token of the cluster"
    ),
    deployment("pods_have_no_rights", lambda m: pod(m).pop("enableServiceLinks"), "GATEWAY_PORT among them"),
    deployment(
        "pods_share_nothing_with_their_node", lambda m: pod(m).update(hostNetwork=True), "shares something"
    ),
    deployment(
        "pods_share_nothing_with_their_node",
        lambda m: pod(m)["volumes"].append({"name": "node", "hostPath": {"path": "/"}}),
        "mounts a folder of its node",
    ),
    deployment(
        "containers_have_no_rights",
        lambda m: container(m)["securityContext"].pop("allowPrivilegeEscalation"),
        "may gain rights",
    ),
    deployment(
        "containers_have_no_rights",
        lambda m: container(m)["securityContext"]["capabilities"].update(add=["NET_ADMIN"]),
        "keeps capabilities",
    ),
    deployment(
        "containers_have_no_rights",
        lambda m: pod(m)["initContainers"][0]["securityContext"].update(readOnlyRootFilesystem=False),
        "may write to its image",
    ),
    deployment(
        "what_is_written_has_a_place",
        lambda m: pod(m)["volumes"][-1].update(emptyDir=None, name="other"),
        "no emptyDir at /tmp",
    ),
)

IDENTITY = (
    deployment(
        "labels_say_who",
        lambda m: m["metadata"]["labels"].pop("app.kubernetes.io/part-of"),
        "lacks one of the labels",
    ),
    deployment(
        "labels_say_who",
        lambda m: pod_labels(m).update({"app.kubernetes.io/version": "0.0.9"}),
        "version is not their image's tag",
    ),
    deployment(
        "selectors_find_their_pods",
        lambda m: m["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/name": "find"}),
        "does not select its own pods",
    ),
    deployment(
        "selectors_find_their_pods",
        lambda m: m["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/version": "0.1.0"}),
        "selects by version",
    ),
    Break(
        *("selectors_find_their_pods", "base/gateway", "Service", "gateway"),
        lambda m: m["spec"]["selector"].update({"app.kubernetes.io/name": "door"}),
        "selects no pod",
    ),
    deployment("images_are_pinned", lambda m: container(m).update(image="care/search:latest"), "not pinned"),
    deployment("images_are_pinned", lambda m: container(m).update(image="care/search"), "not pinned"),
    deployment(
        "images_are_pinned", lambda m: container(m).update(image="care/find:1.0"), "named care/search"
    ),
    deployment(
        "images_are_pinned",
        lambda m: pod(m)["initContainers"][0].update(image="care/search:0.0.9"),
        "of different releases",
    ),
    deployment(
        "each_has_an_account_of_its_own",
        lambda m: pod(m).update(serviceAccountName="default"),
        "no ServiceAccount beside it",
    ),
    Break(
        *("each_has_an_account_of_its_own", SEARCH, "ServiceAccount", "search"),
        lambda m: m.pop("automountServiceAccountToken"),
        "hands out its token",
    ),
    Break(
        *("no_secret_is_written_down", SEARCH, "ConfigMap", "search-settings"),
        lambda m: m.update(kind="Secret"),
        "a Secret has no place",
    ),
    Break(
        *("no_secret_is_written_down", SEARCH, "ConfigMap", "search-settings"),
        data("NOTE", "pyamqp://care:hunter2@broker//"),
        "an address with a password",
    ),
    Break(
        *("no_secret_is_written_down", SEARCH, "ConfigMap", "search-settings"),
        data("DATABASE_PASSWORD", "hunter2"),
        "belongs into a Secret",
    ),
    deployment(
        "no_variable_is_a_secret", environment("STRIPE_SECRET_KEY", "sk_live_1"), "is written down instead"
    ),
)
