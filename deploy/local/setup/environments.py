"""The virtual environments: .venv for our code, .standin for Stripe's stand-in, .load for the load test."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failure import with_log
from deploy.local.instance import ROOT
from deploy.local.progress import Progress


@dataclass(frozen=True)
class Environment:
    """A virtual environment of the clone; `options` are pip's besides those that pin."""

    folder: Path
    lock: Path
    options: tuple[str, ...]

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"


OURS = Environment(ROOT / ".venv", ROOT / "requirements" / "dev.txt", ("--only-binary", ":all:"))

# The stand-in itself is published as source only.
STANDIN = Environment(
    ROOT / ".standin",
    ROOT / "deploy" / "local" / "standin" / "requirements.txt",
    ("--only-binary", ":all:", "--no-binary", "localstripe"),
)

# Brings versions of its own of what the gateway uses, too.
LOAD = Environment(ROOT / ".load", ROOT / "tests" / "load" / "requirements.txt", ("--only-binary", ":all:"))


def make_environment(environment: Environment, progress: Progress, log: Path) -> None:
    """Make the environment, or bring it to its lock when that changed; nothing when it is as it should be."""
    stamp = environment.folder / ".lock-installed"
    wanted = _fingerprint(environment.lock)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    name = environment.folder.name
    with progress.step(f"Python packages into {name}, pinned by {environment.lock.relative_to(ROOT)}", log):
        with log.open("ab") as output:
            if not _works(environment.python):
                shutil.rmtree(environment.folder, ignore_errors=True)
                _run([sys.executable, "-m", "venv", str(environment.folder)], output.fileno(), log)
            _run(
                [
                    *(str(environment.python), "-m", "pip", "install", "--disable-pip-version-check"),
                    # Most modules are never imported; Python compiles those that are.
                    *("--progress-bar", "off", "--no-compile"),
                    # A lock names all that is needed; what a package asks for besides is left out on purpose.
                    *("--no-deps", "--require-hashes", *environment.options, "-r", str(environment.lock)),
                ],
                output.fileno(),
                log,
            )
        stamp.write_text(wanted)


def _fingerprint(lock: Path) -> str:
    """Of the lock and of the Python that it was installed for."""
    version = ".".join(map(str, sys.version_info[:2]))
    return f"{version} {hashlib.sha256(lock.read_bytes()).hexdigest()}\n"


def _works(python: Path) -> bool:
    """True when the environment was made for this version of Python and can install."""
    if not python.exists():
        return False
    check = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return subprocess.run([str(python), "-c", check], capture_output=True, check=False).returncode == 0


def _run(command: list[str], output: int, log: Path) -> None:
    result = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
    )
    if result.returncode != 0:
        raise with_log(f"this failed: {' '.join(command)}", log)
