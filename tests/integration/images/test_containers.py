"""promise A5: an image holds all that its service needs and nothing of another; compose starts them all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.instance import SERVICES, WORKERS
from deploy.local.outboxes import unsent_events
from deploy.local.servers.postgresql import PostgreSQL
from tests.fixtures.waiting import wait_until
from tests.integration.images.engine import Engine

NOT_IN_A_WORKER = ("flask", "gevent", "gunicorn", "redis", "pip", "setuptools")
NOT_IN_THE_GATEWAY = ("nameko", "eventlet", "stripe", "shared.worker", "pip", "setuptools")
FEW = 8
PROBE = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        print(name if name.startswith(error.name) else error)
"""


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_migrates_its_own_database(
    service: str, migrated: dict[str, "subprocess.CompletedProcess[str]"]
) -> None:
    assert (migrated[service].returncode, migrated[service].stderr) == (0, "")


def test_migrations_may_run_again(migrated: object, engine: Engine) -> None:
    """Every `docker compose up` runs them."""
    assert engine.run("migrate-booking").returncode == 0


@pytest.mark.parametrize("service", SERVICES)
def test_importing_another_service_fails(service: str, engine: Engine) -> None:
    """Neither its code nor what only others need is there; what it needs itself is."""
    others = [f"services.{other}" for other in SERVICES if other != service]
    packages = NOT_IN_A_WORKER if service in WORKERS else NOT_IN_THE_GATEWAY
    strange = [*others, *packages, *(["stripe"] if service not in ("payment", "gateway") else [])]
    command = [engine.command(service)[0], "-c", PROBE, *strange, f"services.{service}.settings"]
    result = engine.execute(service, command)
    assert result.stderr == ""
    assert result.stdout.split() == strange


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_healthy_by_its_image_s_own_check(
    service: str, services: dict[str, "subprocess.Popen[bytes]"], engine: Engine
) -> None:
    assert services[service].poll() is None
    assert engine.is_healthy(service)


def test_a_customer_walks_through_the_containers_from_search_to_refund(
    standin: Engine, databases: PostgreSQL, folder: Path
) -> None:
    """What `make demo` shows, from the files of six images: `docker compose up` gives the same."""
    data = folder / "demo-data"
    data.mkdir()
    data.chmod(0o777)
    assert standin.run("demo-data").returncode == 0
    _keep_a_few(data)
    for one_shot in ("import-search", "import-booking", "import-gateway"):
        result = standin.run(one_shot)
        assert result.returncode == 0, result.stderr
    wait_until(lambda: unsent_events(databases, SERVICES) == 0, "the news to leave", seconds=60)
    door, proxy = standin.environment("gateway"), standin.environment("standin-proxy")
    addresses = [
        *("--url", f"http://127.0.0.1:{door['GATEWAY_PORT']}"),
        *("--standin", f"http://127.0.0.1:{proxy['PROXY_PORT']}"),
    ]
    journey = subprocess.run(
        [sys.executable, "-m", "tests.journey", *addresses], capture_output=True, text=True, check=False
    )
    assert journey.returncode == 0, journey.stdout + journey.stderr


def _keep_a_few(folder: Path) -> None:
    """All 310 providers with their past take most of the time of this test, and show no more."""
    catalogue, calendar, accounts = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("catalogue", "calendar", "accounts")
    )
    catalogue["providers"] = catalogue["providers"][:FEW]
    kept = {provider["id"] for provider in catalogue["providers"]}
    for part in ("providers", "past_bookings"):
        calendar[part] = [entry for entry in calendar[part] if entry["provider_id"] in kept]
    accounts["accounts"] = [one for one in accounts["accounts"] if "@past." not in one["email"]]
    for name, content in (("catalogue", catalogue), ("calendar", calendar), ("accounts", accounts)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_ends_in_order_and_has_written_nothing_into_its_image(
    service: str, services: dict[str, "subprocess.Popen[bytes]"], engine: Engine
) -> None:
    """Its root file system is read-only."""
    app = Path(engine.environment(service)["PYTHONPATH"])
    services[service].terminate()
    assert services[service].wait(30) == 0, engine.log(service).read_text(encoding="utf-8")
    assert not list(app.rglob("__pycache__"))
