"""Roll-outs that lose requests, migrations that come too late, pods that nobody scales."""

from deploy.manifests.documents import Manifest
from tests.policy.breaking import (
    Break,
    Change,
    container,
    data,
    environment,
    pod,
    without_data,
    without_variable,
)

PAYMENT = "base/payment"


def deployment(rule: str, change: Change, refused: str) -> Break:
    return Break(rule, PAYMENT, "Deployment", "payment", change, refused)


def job(rule: str, change: Change, refused: str) -> Break:
    return Break(rule, PAYMENT, "Job", "payment", change, refused)


def _reads_settings(manifest: Manifest) -> None:
    container(manifest)["envFrom"] = [{"configMapRef": {"name": "payment-settings"}}]


AVAILABILITY = (
    Break(
        *("stopping_waits_for_work", PAYMENT, "ConfigMap", "payment-settings"),
        data("STOP_SECONDS", "15"),
        "not above the longest deadline, 15 s",
    ),
    deployment(
        "stopping_waits_for_work",
        lambda m: pod(m).update(terminationGracePeriodSeconds=30),
        "that a stop may take",
    ),
    Break(
        *("the_door_waits_until_nobody_knocks", "base/gateway", "Deployment", "gateway"),
        lambda m: container(m).pop("lifecycle"),
        "has no preStop",
    ),
    deployment(
        "roll_outs_lose_nobody",
        lambda m: m["spec"]["strategy"]["rollingUpdate"].update(maxUnavailable=1),
        "before the new one is ready",
    ),
    deployment("roll_outs_lose_nobody", lambda m: m["spec"].update(replicas=3), "says replicas"),
    deployment("roll_outs_lose_nobody", lambda m: pod(m).pop("topologySpreadConstraints"), "not spread by"),
    Break(
        *("load_brings_more_pods", PAYMENT, "HorizontalPodAutoscaler", "payment"),
        lambda m: m["spec"]["scaleTargetRef"].update(name="pay"),
        "has no HorizontalPodAutoscaler",
    ),
    Break(
        *("load_brings_more_pods", PAYMENT, "HorizontalPodAutoscaler", "payment"),
        lambda m: m["spec"].update(minReplicas=6),
        "can't scale",
    ),
    Break(
        *("load_brings_more_pods", PAYMENT, "HorizontalPodAutoscaler", "payment"),
        lambda m: m["spec"].update(minReplicas=1),
        "no availability",
    ),
    Break(
        *("load_brings_more_pods", PAYMENT, "HorizontalPodAutoscaler", "payment"),
        lambda m: m["spec"].pop("metrics"),
        "scales by nothing",
    ),
    Break(
        *("drained_nodes_take_one_at_a_time", PAYMENT, "PodDisruptionBudget", "payment"),
        lambda m: m["spec"].update(maxUnavailable=0),
        "no PodDisruptionBudget",
    ),
    Break(
        *("drained_nodes_take_one_at_a_time", PAYMENT, "PodDisruptionBudget", "payment"),
        lambda m: m["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/name": "pay"}),
        "no PodDisruptionBudget",
    ),
)

MIGRATIONS = (
    job("each_release_migrates", lambda m: m.update(kind="CronJob"), "no Job migrates"),
    job(
        "each_release_migrates",
        lambda m: container(m).update(image="care/payment:0.0.9"),
        "of another release",
    ),
    job(
        "each_release_migrates",
        lambda m: container(m).update(args=["true"]),
        "does not run the migrations",
    ),
    job("each_release_migrates", lambda m: m["metadata"].update(name="payment-migrate"), "after its release"),
    job("each_release_migrates", _reads_settings, "reads a ConfigMap"),
    deployment("roll_outs_wait_for_migrations", lambda m: pod(m).pop("initContainers"), "does not wait"),
    deployment("rights_are_apart", without_variable("DATABASE_URL"), "does not take DATABASE_URL"),
    job(
        "rights_are_apart",
        lambda m: container(m)["env"][-1]["valueFrom"]["secretKeyRef"].update(name="payment-database-app"),
        "from payment-database-owner",
    ),
    deployment(
        "rights_are_apart",
        lambda m: container(m)["env"].append(
            {
                "name": "MIGRATION_DATABASE_URL",
                "valueFrom": {"secretKeyRef": {"name": "payment-database-owner", "key": "url"}},
            }
        ),
        "another role than it needs",
    ),
)

SETTINGS = (
    deployment("settings_are_read", without_variable("AMQP_URI"), "AMQP_URI is not set"),
    Break(
        *("settings_are_read", PAYMENT, "ConfigMap", "payment-settings"),
        data("MAX_WORKER", "10"),
        "MAX_WORKER, which nothing reads",
    ),
    Break(
        *("settings_are_read", PAYMENT, "ConfigMap", "payment-settings"),
        data("MAX_WORKERS", "ten"),
        "MAX_WORKERS is not valid",
    ),
    deployment(
        "settings_are_read",
        lambda m: container(m)["env"].__setitem__(1, {"name": "AMQP_URI", "value": "pyamqp://broker//"}),
        "AMQP_URI is written down",
    ),
    deployment(
        "settings_are_read",
        lambda m: container(m)["env"][1]["valueFrom"]["secretKeyRef"].update(name="booking-broker"),
        "of somebody else",
    ),
    Break(
        *("every_setting_is_decided", PAYMENT, "ConfigMap", "payment-settings"),
        without_data("OPERATOR_TIME_ZONE"),
        "OPERATOR_TIME_ZONE is not decided",
    ),
    deployment(
        "every_setting_is_decided",
        environment("TAP_SECRET_KEY", "sk"),
        "TAP_WEBHOOK_URL is not decided",
    ),
    deployment(
        "every_setting_is_decided",
        environment("STRIPE_API_BASE", "http://127.0.0.1:1"),
        "is given STRIPE_API_BASE",
    ),
    deployment(
        "secrets_are_there",
        lambda m: container(m)["env"][2]["valueFrom"]["secretKeyRef"].update(optional=True),
        "starts without STRIPE_SECRET_KEY",
    ),
    Break(
        *("databases_prove_who_they_are", PAYMENT, "ConfigMap", "payment-settings"),
        data("PGSSLMODE", "require"),
        "does not check its database's certificate",
    ),
    job("databases_prove_who_they_are", lambda m: container(m).pop("volumeMounts"), "does not check"),
    Break(
        *("ports_meet", PAYMENT, "ConfigMap", "payment-settings"),
        data("HEALTH_PORT", "8080"),
        "and listens on",
    ),
    Break(
        *("ports_meet", PAYMENT, "ConfigMap", "payment-settings"),
        without_data("HEALTH_HOST"),
        "only its own pod",
    ),
    Break(
        *("services_lead_to_a_port", "base/gateway", "Service", "gateway"),
        lambda m: m["spec"]["ports"][0].update(targetPort="web"),
        "leads to web",
    ),
    Break(
        *("profiles_fit_their_environment", PAYMENT, "ConfigMap", "payment-settings"),
        data("PROFILE", "local"),
        "instead of production",
    ),
)
