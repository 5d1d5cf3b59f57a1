"""docker-compose.yml is in step with settings, ports, images and files; tests/integration/images runs it."""

import re
from typing import Any

import pytest
import yaml

from deploy.compose.databases import script
from deploy.compose.environment import new_environment
from deploy.local.servers import postgresql, redis
from deploy.local.setup.example_environment import settings_of
from services.payment.settings import Mode, PaymentSettings, payment_mode
from shared.settings import ProcessSettings, WorkerSettings, load
from tests.architecture.source import ROOT, SERVICES
from tests.fixtures.compose import image_of, read_compose, variables

COMPOSE = read_compose(new_environment())
RUNNING: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in RUNNING.items() if image_of(service, COMPOSE)]
ONCE = [name for name, service in RUNNING.items() if service["restart"] == "no"]
KILL_SECONDS = 5
FOR_TESTS = {"STRIPE_REQUEST_RECORD", "TAP_API_BASE"}
CANNOT_ASK = {"collector", "jaeger"}
"""Their images promise no program but their own, by which a container could be asked."""
GRAFANA = ROOT / "deploy" / "observability" / "grafana" / "provisioning"


def _names_of(settings: type[ProcessSettings]) -> set[str]:
    return {field.metadata["name"] for field in settings.__dataclass_fields__.values()}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_its_settings_and_no_others(service: str) -> None:
    image, environment = image_of(RUNNING[service], COMPOSE), RUNNING[service]["environment"]
    assert image
    assert set(environment) <= _names_of(settings_of(service))
    load(settings_of(service), {**image.environment, **environment})


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_service_can_be_set(service: str) -> None:
    """In .env, unless the image says it: a new setting must be added here."""
    image = image_of(RUNNING[service], COMPOSE)
    assert image
    own = _names_of(settings_of(service)) - _names_of(WorkerSettings)
    assert own - set(image.environment) - FOR_TESTS <= set(RUNNING[service]["environment"])


def test_payments_go_to_the_stand_in_and_nowhere_without_a_key() -> None:
    environment = RUNNING["payment"]["environment"]
    assert payment_mode(load(PaymentSettings, environment)) is Mode.STAND_IN
    without = read_compose({**new_environment(), "STRIPE_SECRET_KEY": "", "STRIPE_API_BASE": ""})
    settings = load(PaymentSettings, without["services"]["payment"]["environment"])
    assert payment_mode(settings) is Mode.OFF


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_run_before_a_service_by_the_same_image(service: str) -> None:
    migration = RUNNING[f"migrate-{service}"]
    assert migration["image"] == RUNNING[service]["image"]
    assert migration["command"] == ["shared.database.migrate", f"services.{service}"]
    assert set(migration["environment"]) == {"LOG_LEVEL", "MIGRATION_DATABASE_URL"}
    assert f"care_{service}_owner:" in migration["environment"]["MIGRATION_DATABASE_URL"]
    condition = RUNNING[service]["depends_on"][f"migrate-{service}"]["condition"]
    assert condition == "service_completed_successfully"


def test_nothing_secret_has_a_default() -> None:
    secret = re.compile(r"PASSWORD|SECRET|KEY")
    assert not [each for each in variables() if secret.search(each.name) and each.default]
    asked = {each.name for each in variables() if each.default is None}
    assert asked <= set(new_environment())
    assert all(secret.search(name) for name in asked)


def test_the_secrets_of_two_machines_differ() -> None:
    first, second = new_environment(), new_environment()
    alike = {name for name in first if first[name] == second[name]}
    assert alike == {"COMPOSE_PROFILES", "STRIPE_SECRET_KEY", "STRIPE_API_BASE", "STANDIN_URL"}


def test_no_container_may_do_more_than_it_must() -> None:
    for name, service in RUNNING.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        uid, _ = (int(number) for number in service["user"].split(":"))
        assert uid > 0, name
        assert service.get("read_only") or name == "rabbitmq", name
    assert {RUNNING[name]["user"] for name in OURS} == {"10001:10001"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_stop_may_take_as_long_as_work_in_hand_may(service: str) -> None:
    image, running = image_of(RUNNING[service], COMPOSE), RUNNING[service]
    assert image
    settings = load(settings_of(service), {**image.environment, **running["environment"]})
    assert int(running["stop_grace_period"].removesuffix("s")) >= settings.stop_seconds + KILL_SECONDS


def test_what_is_waited_for_can_be_seen() -> None:
    for name, service in RUNNING.items():
        for other, how in service.get("depends_on", {}).items():
            image = image_of(RUNNING[other], COMPOSE)
            is_seen = "healthcheck" in RUNNING[other] or (image is not None and image.health)
            wanted = "service_completed_successfully" if other in ONCE else "service_healthy"
            assert how["condition"] == wanted, (name, other)
            assert is_seen or other in ONCE, (name, other)


def test_everything_that_goes_on_is_asked_how_it_is() -> None:
    asked = {
        name
        for name, service in RUNNING.items()
        if "healthcheck" in service or ((image := image_of(service, COMPOSE)) and image.health)
    }
    assert set(RUNNING) - set(ONCE) - asked == CANNOT_ASK


def test_nobody_waits_in_a_circle() -> None:
    left = {name: set(service.get("depends_on", {})) for name, service in RUNNING.items()}
    while left:
        free = {name for name, others in left.items() if not others & set(left)}
        assert free, left
        left = {name: others for name, others in left.items() if name not in free}


def test_images_are_built_here_or_pinned_by_hash() -> None:
    for name, service in RUNNING.items():
        image = image_of(service, COMPOSE)
        pinned = re.fullmatch(r"[\w./-]+:v?\d[\w.-]+@sha256:[0-9a-f]{64}", service["image"])
        assert bool(pinned) != bool(image), name
    built = {service["build"]["dockerfile"] for service in RUNNING.values() if "build" in service}
    assert built == {*(f"services/{name}/Dockerfile" for name in SERVICES), "deploy/local/standin/Dockerfile"}


def test_an_image_that_is_built_here_comes_from_nowhere_else() -> None:
    """Whoever has the name `care` at a registry could have theirs run with our secrets."""
    assert {name for name, service in RUNNING.items() if service.get("pull_policy") == "never"} == set(OURS)


def test_services_cannot_reach_each_other() -> None:
    """All that two of ours share is the way of the stand-in's webhooks; the broker carries the rest."""
    networks = {name: set(RUNNING[name]["networks"]) for name in SERVICES}
    shared = {
        (one, other, network)
        for one in SERVICES
        for other in SERVICES
        if one < other
        for network in networks[one] & networks[other]
    }
    assert shared == {("gateway", "payment", "webhooks")}


def test_only_the_door_and_the_operator_s_pages_can_be_reached() -> None:
    published = {name: service["ports"] for name, service in RUNNING.items() if "ports" in service}
    assert set(published) == {"gateway", "payment", "jaeger", "prometheus", "grafana"}
    assert published["payment"] == ["127.0.0.1:8420:8420"]
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    open_networks = {name for name, network in COMPOSE["networks"].items() if not network.get("internal")}
    outside = {name for name, service in RUNNING.items() if open_networks & set(service.get("networks", ()))}
    assert outside == set(published)
    gateway = image_of(RUNNING["gateway"], COMPOSE)
    assert gateway
    assert int(published["gateway"][0].rpartition(":")[2]) == gateway.ports[0]


def test_every_file_that_is_mounted_is_there() -> None:
    mounts = [mount.split(":") for service in RUNNING.values() for mount in service.get("volumes", ())]
    assert not [path for path, *_ in mounts if path.startswith("./") and not (ROOT / path).exists()]
    assert all(rest[-1] == "ro" for path, *rest in mounts if path.startswith("./"))
    named = {path for path, *_ in mounts if not path.startswith("./")}
    assert named == set(COMPOSE["volumes"])


def test_grafana_finds_dashboards_and_prometheus_where_it_looks_for_them() -> None:
    mounted = {mount.split(":")[1] for mount in RUNNING["grafana"]["volumes"]}
    dashboards = yaml.safe_load((GRAFANA / "dashboards" / "care.yml").read_text(encoding="utf-8"))
    assert {provider["options"]["path"] for provider in dashboards["providers"]} <= mounted
    sources = yaml.safe_load((GRAFANA / "datasources" / "prometheus.yml").read_text(encoding="utf-8"))
    assert [source["url"] for source in sources["datasources"]] == ["http://prometheus:9090"]
    assert set(RUNNING["grafana"]["networks"]) & set(RUNNING["prometheus"]["networks"])


def test_every_network_that_is_joined_is_there_and_joined() -> None:
    joined = {network for service in RUNNING.values() for network in service.get("networks", ())}
    assert joined == set(COMPOSE["networks"])


def test_the_servers_are_set_up_as_those_of_the_local_stack() -> None:
    _, *options = RUNNING["postgres"]["command"]
    assert options == [
        part for name, value in postgresql.SETTINGS.items() for part in ("-c", f"{name}={value}")
    ]
    arguments = RUNNING["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert arguments.split() == list(postgresql.CLUSTER_OPTIONS)
    _, *pairs = RUNNING["redis"]["command"]
    given = dict(zip(pairs[::2], pairs[1::2], strict=True))
    assert given.pop("--requirepass")
    assert given == {f"--{name}": value.strip('"') for name, value in redis.SETTINGS.items()}


def test_the_databases_are_made_by_the_script_of_the_local_stack() -> None:
    """Write it anew by `make env`."""
    assert (ROOT / "deploy" / "compose" / "databases.sql").read_text(encoding="utf-8") == script()


def test_prometheus_looks_at_every_service() -> None:
    text = (ROOT / "deploy" / "compose" / "targets" / "services.yml").read_text(encoding="utf-8")
    found = {entry["labels"]["job"]: entry["targets"] for entry in yaml.safe_load(text)}
    health_port = {name: image.ports[-1] for name in SERVICES if (image := image_of(RUNNING[name], COMPOSE))}
    assert found == {name: [f"{name}:{health_port[name]}"] for name in SERVICES}
    assert all(set(RUNNING["prometheus"]["networks"]) & set(RUNNING[name]["networks"]) for name in SERVICES)
