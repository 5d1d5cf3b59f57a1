"""Runs containers of docker-compose.yml as processes, for machines without a container engine.

Each runs from a folder with what its image holds, with its environment and nothing else, as its account.
"""

import functools
import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fixtures.build_context import lay_out
from tests.fixtures.compose import image_of
from tests.fixtures.dockerfile import ROOT, Image

# What an image has at fixed places lies below the image's own folder here.
PLACES = ("/app", "/venv")
TIMEOUT_SECONDS = 120


@dataclass
class Engine:
    """The containers of `compose`, with what they keep below `folder`.

    `addresses` are texts to exchange, as `postgres:5432` for an address of here; `ports` are settings of a
    container that must be others here, where all share one machine.
    """

    compose: Mapping[str, Any]
    folder: Path
    addresses: Mapping[str, str]
    ports: Mapping[str, Mapping[str, str]]
    _built: dict[str, Path] = field(default_factory=dict)

    def run(self, name: str) -> "subprocess.CompletedProcess[str]":
        """Run a container that ends by itself."""
        return self.execute(name, self.command(name))

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        """Start a container that goes on; what it says is in `log(name)`."""
        with self.log(name).open("wb") as output:
            return subprocess.Popen(
                self.command(name),
                env=self.environment(name),
                cwd=self._image_folder(name) / "app",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **self._account(name),
            )

    def grace_seconds(self, name: str) -> int:
        """How long the container may take to end."""
        return int(self.compose["services"][name]["stop_grace_period"].removesuffix("s"))

    def is_healthy(self, name: str) -> bool:
        """Ask as the health check of the container does."""
        image = self._image(name)
        test = self.compose["services"][name].get("healthcheck", {}).get("test", ["CMD", *image.health])
        return self.execute(name, self._here(test[1:], name)).returncode == 0

    def execute(self, name: str, command: list[str]) -> "subprocess.CompletedProcess[str]":
        """Run a command in the container."""
        return subprocess.run(
            command,
            env=self.environment(name),
            cwd=self._image_folder(name) / "app",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
            **self._account(name),
        )

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def command(self, name: str) -> list[str]:
        """The image's entry point with the container's command, or with the image's own arguments."""
        image, service = self._image(name), self.compose["services"][name]
        return self._here([*image.entrypoint, *service.get("command", image.arguments)], name)

    def environment(self, name: str) -> dict[str, str]:
        """The image's and the container's variables; nothing of this process gets in."""
        given = {**self._image(name).environment, **self.compose["services"][name].get("environment", {})}
        wanted = {variable: self._text(str(value), name) for variable, value in given.items()}
        return {**wanted, **self.ports.get(name, {}), "TMPDIR": str(self._temporary_folder())}

    def _here(self, command: list[str], name: str) -> list[str]:
        """The command with the image's program and this machine's addresses."""
        program, *arguments = (self._text(word, name) for word in command)
        return [str(self._image_folder(name) / "venv" / "bin" / program), *arguments]

    def _text(self, text: str, name: str) -> str:
        for there, here in self.addresses.items():
            text = text.replace(there, here)
        for place in PLACES:
            if text == place or text.startswith(f"{place}/"):
                text = f"{self._image_folder(name)}{text}"
        return text

    def _image(self, name: str) -> Image:
        image = image_of(self.compose["services"][name], self.compose)
        if image is None:
            raise KeyError(f"{name} runs an image that is not built here")
        return image

    def _image_folder(self, name: str) -> Path:
        """Where the files of the container's image lie; laid there at the first call."""
        image = self._image(name)
        key = image.path.parent.name
        if key not in self._built:
            folder = self.folder / key
            lay_out(image, folder / "app")
            (folder / "venv").symlink_to(self._environment_folder(image))
            self._built[key] = folder
        return self._built[key]

    def _environment_folder(self, image: Image) -> Path:
        """Where the image's packages lie; images with the same lock have the same ones."""
        lines = (ROOT / image.requirements).read_text(encoding="utf-8").splitlines()
        pins = "\n".join(line for line in lines if not line.strip().startswith("#"))
        folder = self.folder / f"venv-{hashlib.sha256(pins.encode()).hexdigest()[:12]}"
        if not folder.exists():
            make_environment(folder, image, account_of(image.user)[0])
        return folder

    def _temporary_folder(self) -> Path:
        folder = self.folder / "tmp"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o1777)
        return folder

    def _account(self, name: str) -> dict[str, Any]:
        return account_of(self.compose["services"][name]["user"])[1]


@functools.cache
def account_of(user: str) -> tuple[str, dict[str, Any]]:
    """A Python 3.11 for an account, and what makes subprocess take it on; ours when it can't.

    Only root can, and only where the account reaches a Python: root's own one may lie in a closed folder.
    """
    uid, gid = (int(number) for number in user.split(":"))
    options = {"user": uid, "group": gid, "extra_groups": []}
    if os.geteuid() == 0:
        for python in (sys.executable, "/usr/local/bin/python3.11", "/usr/bin/python3.11"):
            if Path(python).exists() and _can_run(os.path.realpath(python), options):
                return python, options
    return sys.executable, {}


def _can_run(program: str, options: Mapping[str, Any]) -> bool:
    return subprocess.run(["test", "-x", program], check=False, cwd="/", **options).returncode == 0


def make_environment(folder: Path, image: Image, python: str) -> None:
    """An environment with exactly what the lock lists, by hash, as a Dockerfile's first stage makes it."""
    uv = Path(sys.executable).with_name("uv")
    for command in (
        ["venv", "--quiet", "--python", python, str(folder)],
        [
            *("pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "--compile-bytecode"),
            *(*image.install, "-r", str(ROOT / image.requirements)),
        ],
    ):
        subprocess.run([uv, *command], check=True, capture_output=True, text=True)
