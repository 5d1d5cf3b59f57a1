"""What the manifests repeat of images, of the local stack and of the code is the same there."""

import re

import pytest
import yaml

from deploy.local.databases import make_databases
from deploy.local.instance import Instance
from deploy.local.servers import rabbitmq as rabbitmq_of_one_machine
from deploy.local.servers import redis as redis_of_one_machine
from deploy.local.servers.postgresql import PostgreSQL
from deploy.manifests import alerts
from deploy.manifests.documents import SERVICES, Manifest, Rendering, selects, title
from tests.architecture.source import ROOT, WORKERS
from tests.fixtures.dockerfile import Image, read_image


def image(service: str) -> Image:
    return read_image(ROOT / "services" / service / "Dockerfile")


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_runs_its_image_as_it_was_made_to_run(service: str, renderings: dict[str, Rendering]) -> None:
    """promise A5: arguments, ports, user and addresses are the image's own."""
    rendering, made = renderings[f"base/{service}"], image(service)
    deployment = rendering.deployments()[0]
    container = deployment.containers[0]
    assert tuple(container["args"]) == made.arguments
    assert all("command" not in one for load in rendering.workloads() for one in load.all_containers)
    assert {port["containerPort"] for port in container["ports"]} == set(made.ports)
    user = deployment.pod["securityContext"]
    assert f"{user['runAsUser']}:{user['runAsGroup']}" == made.user
    given = rendering.settings(container)
    assert {name: given[name] for name in made.environment if name in given} == {
        name: value for name, value in made.environment.items() if name in given
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_database_is_made_as_on_one_machine(service: str, renderings: dict[str, Rendering]) -> None:
    """promise A1: the same roles, rights and extensions for each database of ours."""
    cluster = named(renderings["platform"], "Cluster", f"{service}-database")
    told = _Told()
    secrets = {f"care_{service}_{role}_password": "p" for role in ("owner", "app")}
    make_databases(told, [service], secrets)
    lines = re.findall(r"(REVOKE ALL ON DATABASE care_.+?|GRANT .+?|CREATE EXTENSION .+?);", told.script)
    begin = cluster["spec"]["bootstrap"]["initdb"]
    wanted = {*lines, f"CREATE ROLE care_{service}_app LOGIN"}
    assert set(begin["postInitApplicationSQL"]) == wanted
    assert (begin["database"], begin["owner"]) == (f"care_{service}", f"care_{service}_owner")
    assert f"'CREATE DATABASE care_{service} OWNER care_{service}_owner'" in told.script
    roles = {role["name"]: role["passwordSecret"]["name"] for role in cluster["spec"]["managed"]["roles"]}
    assert roles == {f"care_{service}_app": f"{service}-database-app"}


def test_a_broker_hands_waiting_events_on_soon(renderings: dict[str, Rendering]) -> None:
    """rule C16: an event whose wait ended while the broker started is not left for three minutes."""
    name, milliseconds = rabbitmq_of_one_machine.HANDING_ON
    cluster = named(renderings["platform"], "RabbitmqCluster", "broker")
    assert f"{{{name}, {milliseconds}}}" in cluster["spec"]["rabbitmq"]["advancedConfig"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    options = compose["services"]["rabbitmq"]["environment"]["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"]
    assert f"-rabbit {name} {milliseconds}" in options


class _Told(PostgreSQL):
    """A server that only listens."""

    script = ""

    def __init__(self) -> None:
        super().__init__(Instance("never"), None, 0, "")

    def run_script(self, database: str, script: str) -> str:
        object.__setattr__(self, "script", script)
        return ""


def test_the_cache_is_as_on_one_machine(renderings: dict[str, Rendering]) -> None:
    redis = next(load for load in renderings["platform"].workloads() if load.name == "redis")
    arguments = redis.containers[0]["args"]
    found = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    for name in ("maxmemory", "maxmemory-policy", "appendonly"):
        assert found[f"--{name}"] == redis_of_one_machine.SETTINGS[name]


def test_servers_are_the_images_of_the_containers(renderings: dict[str, Rendering]) -> None:
    """One release of each server, by digest, wherever we name its image ourselves."""
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    for load in renderings["platform"].workloads():
        assert load.containers[0]["image"] == composed[load.name]["image"]


def test_alerts_are_the_ones_that_are_tested(renderings: dict[str, Rendering]) -> None:
    """promise I1: `make manifests` wrote the rules, and services have the job by which rules know them."""
    assert alerts.WRITTEN.read_text("utf-8") == alerts.text(), "run make manifests"
    rules = renderings["platform"].of_kind("PrometheusRule")
    assert len([group for rule in rules for group in rule["spec"]["groups"]]) > 5
    monitor = named(renderings["platform"], "PodMonitor", "services")
    for service in SERVICES:
        deployment = renderings[f"base/{service}"].deployments()[0]
        assert selects(monitor["spec"]["selector"], deployment.labels)
        assert deployment.labels[monitor["spec"]["jobLabel"]] == service
        assert monitor["spec"]["podMetricsEndpoints"][0]["port"] in {
            port["name"] for port in deployment.containers[0]["ports"]
        }


def test_traces_find_the_collector_and_jaeger(renderings: dict[str, Rendering]) -> None:
    """promise A7: names and ports are those of the collector's own configuration."""
    platform = renderings["platform"]
    mounted = next(one for one in platform.of_kind("ConfigMap") if "collector.yaml" in one["data"])
    told = yaml.safe_load(mounted["data"]["collector.yaml"])
    listens = told["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    _leads_to(platform, "collector", int(listens.rpartition(":")[2]))
    sends = re.findall(r"http://(\w+):(\d+)", told["exporters"]["otlp_http/jaeger"]["endpoint"])
    _leads_to(platform, sends[0][0], int(sends[0][1]))
    for service in SERVICES:
        rendering = renderings[f"base/{service}"]
        given = rendering.settings(rendering.deployments()[0].containers[0])
        assert given["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"http://collector:{listens.rpartition(':')[2]}"


def _leads_to(rendering: Rendering, name: str, port: int) -> None:
    service = named(rendering, "Service", name)["spec"]["ports"][0]
    load = next(load for load in rendering.workloads() if load.name == name)
    ports = {one["name"]: one["containerPort"] for one in load.containers[0]["ports"]}
    assert (service["port"], ports[service["targetPort"]]) == (port, port)


def test_only_the_gateway_has_a_service(renderings: dict[str, Rendering]) -> None:
    """promise A2: nobody can reach a worker but through the broker."""
    for service in WORKERS:
        assert not renderings[f"base/{service}"].of_kind("Service", "Ingress")


def named(rendering: Rendering, kind: str, name: str) -> Manifest:
    found = [one for one in rendering.of_kind(kind) if one["metadata"]["name"] == name]
    assert len(found) == 1, [title(one) for one in rendering.of_kind(kind)]
    return found[0]
