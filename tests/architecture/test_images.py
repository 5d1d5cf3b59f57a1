"""What the images are made of, read from their Dockerfiles; tests/integration/images runs it (promise A5)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.instance import Instance
from deploy.local.processes import specifications
from deploy.local.setup.example_environment import settings_of
from deploy.local.variables import Wiring
from shared.settings import load
from tests.architecture.source import ROOT, SERVICES, WORKERS
from tests.fixtures.build_context import context_files, copied_files
from tests.fixtures.dockerfile import Image, read_image, run_commands

DOCKERFILES = sorted(ROOT.glob("services/*/Dockerfile")) + sorted(ROOT.glob("deploy/**/*Dockerfile"))
FONT_FILES = (".ttf", "/OFL.txt")
WEB_FILES = {".html", ".css", ".js", ".svg", ".json"}
"""What an image holds besides Python and the list of its packages."""


def _image(service: str) -> Image:
    return read_image(ROOT / "services" / service / "Dockerfile")


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    result = subprocess.run([hadolint, *DOCKERFILES], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_an_image(service: str) -> None:
    assert ROOT / "services" / service / "Dockerfile" in DOCKERFILES


def test_all_images_stand_on_one_base_that_nobody_can_exchange() -> None:
    images = [read_image(path) for path in DOCKERFILES]
    (base,) = {image.base for image in images}
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", base)
    assert {stage for image in images for stage in image.stages} == {"${PYTHON_IMAGE}"}


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_packages_come_by_hash_and_what_installs_them_stays_behind(path: Path) -> None:
    image, commands = read_image(path), run_commands(path)
    assert image.install[:3] == ("--require-hashes", "--only-binary", ":all:")
    assert image.install[-1] == "--no-deps"
    assert commands[0] == ("python", "-m", "venv", "--without-pip", "/venv")
    assert any(command[:4] == ("python", "-m", "pip", "uninstall") for command in commands)
    lock = (ROOT / image.requirements).read_text(encoding="utf-8")
    assert image.requirements == f"{path.parent.relative_to(ROOT)}/requirements.txt"
    assert "--hash=sha256:" in lock
    assert "://" not in lock


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_image_runs_as_nobody_in_particular(path: Path) -> None:
    """Kubernetes sees that an account is not root only when it is a number."""
    image = read_image(path)
    assert image.user == "10001:10001"
    assert image.stop_signal == "SIGTERM"
    assert image.environment["PYTHONTZPATH"] == ""
    assert image.environment["PYTHONDONTWRITEBYTECODE"] == "1"


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_of_another_service_is_inside(service: str) -> None:
    files = copied_files(_image(service))
    own, ground = f"services/{service}/", "shared/"
    strange = [
        name for name in files if not name.startswith((own, ground)) and name != "services/__init__.py"
    ]
    assert strange == []
    others = [
        name for name in files if not name.endswith((".py", "requirements.txt", *WEB_FILES, *FONT_FILES))
    ]
    assert others == []
    assert any(name.startswith("shared/worker/") for name in files) == (service in WORKERS)


@pytest.mark.parametrize("service", SERVICES)
def test_everything_of_the_service_is_inside(service: str) -> None:
    code = {path.as_posix() for path in context_files() if path.is_relative_to(f"services/{service}")}
    assert code
    assert code <= copied_files(_image(service))


def test_a_build_sees_nothing_that_is_not_ours_to_ship() -> None:
    names = {path.as_posix() for path in context_files()}
    assert {path.parts[0] for path in context_files()} == {"shared", "services", "deploy"}
    demo = (
        "deploy/__init__.py",
        "deploy/local/__init__.py",
        "deploy/local/standin/",
        "deploy/local/demo_data/",
    )
    assert not [name for name in names if name.startswith("deploy/") and not name.startswith(demo)]
    assert not [name for name in names if "__pycache__" in name or name.endswith((".md", "Dockerfile"))]


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_runs_what_the_local_stack_runs(service: str) -> None:
    wiring = Wiring(Instance("test"), _Numbers(), _Texts(), {})
    local = next(each for each in specifications(wiring) if each.name == service)
    image = _image(service)
    assert (*image.entrypoint, *image.arguments) == ("python", *local.argv[1:])
    assert image.environment["PYTHONUNBUFFERED"] == local.environment["PYTHONUNBUFFERED"]
    assert image.environment["LANG"] == local.environment["LANG"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_ports_that_it_names_are_those_it_listens_on(service: str) -> None:
    image = _image(service)
    needed = {"DATABASE_URL": "d", "AMQP_URI": "a", "REDIS_URL": "r", "JWT_PRIVATE_KEY": "j"}
    settings = load(settings_of(service), {**needed, **image.environment})
    served = [getattr(settings, "port", None), settings.health_port]
    assert image.ports == tuple(port for port in served if port)
    assert {settings.health_host, getattr(settings, "host", "0.0.0.0")} == {"0.0.0.0"}  # noqa: S104
    assert "/health/ready" in image.health[-1]
    assert "HEALTH_PORT" in image.health[-1]


class _Numbers(dict[str, int]):
    def __missing__(self, name: str) -> int:
        return 1


class _Texts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return name
