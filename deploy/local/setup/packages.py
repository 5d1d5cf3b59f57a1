"""Installs what the machine lacks from apt, so that the new packages start no servers of their own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.failure import LaunchError, with_log
from deploy.local.progress import Progress
from deploy.local.servers.postgresql import programs_folder

FOR_THE_STACK = ("python3-venv", "postgresql", "rabbitmq-server", "redis-server")
# A browser for the page, with letters for both its languages, and what reads the metrics.
FOR_TESTS = (*FOR_THE_STACK, "chromium", "fonts-noto-core", "prometheus")

_POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_ASIDE = Path("/usr/sbin/policy-rc.d.before-care-platform")
_POLICY_TEXT = (
    "#!/bin/sh\n# care-platform: laid while packages are installed, taken away afterwards.\nexit 101\n"
)
_CLUSTERS = Path("/etc/postgresql-common/createcluster.conf")
_CLUSTERS_ASIDE = Path("/etc/postgresql-common/createcluster.conf.before-care-platform")
_NO_CLUSTER = "create_main_cluster = false\n"

_ARABIC_LETTERS = Path("/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

# What would start at the machine's next start; only units of packages that we installed are switched off.
_UNITS = {
    "rabbitmq-server": ("rabbitmq-server.service", "epmd.socket", "epmd.service"),
    "redis-server": ("redis-server.service",),
    "postgresql": (),  # without a cluster there is nothing to start
    "prometheus": ("prometheus.service",),
}


def missing_packages() -> list[str]:
    """The Debian packages that this machine lacks."""
    present = {
        "python3-venv": _has_venv(),
        "postgresql": programs_folder() is not None,
        "rabbitmq-server": Path("/usr/lib/rabbitmq/bin/rabbitmq-server").exists(),
        "redis-server": _has_program("redis-server"),
        "chromium": _has_program("chromium"),
        "fonts-noto-core": _ARABIC_LETTERS.exists(),
        "prometheus": _has_program("prometheus") and _has_program("promtool"),
    }
    return [name for name in FOR_TESTS if not present[name]]


def install_missing_packages(progress: Progress, log: Path, only: Collection[str] = FOR_THE_STACK) -> None:
    """Install what is missing of `only`. Raises LaunchError with the exact command when we may not."""
    if os.geteuid() == 0:
        # A crash may have kept them from being taken away.
        _take_away(_POLICY, _POLICY_TEXT, _POLICY_ASIDE)
        _take_away(_CLUSTERS, _NO_CLUSTER, _CLUSTERS_ASIDE)
    missing = [name for name in missing_packages() if name in only]
    if not missing:
        return
    with progress.step(f"installing from apt: {' '.join(missing)}", log):
        if os.geteuid() == 0:
            install(missing, log)
        else:
            _install_by_sudo(missing, log)
    if still := [name for name in missing_packages() if name in only]:
        raise with_log(f"apt installed, but these are still missing: {' '.join(still)}", log)


def install(packages: list[str], log: Path) -> None:
    """As root: install without letting the packages start or create servers, then leave no trace of that."""
    with log.open("ab") as output:
        _apt(["update"], output.fileno(), log)
        with _services_held_back():
            others = [name for name in packages if name != "postgresql"]
            if "postgresql" in packages:
                # Its settings file must be there before the server package reads it.
                others.append("postgresql-common")
            _apt(["install", *others], output.fileno(), log)
            if "postgresql" in packages:
                with _clusters_held_back():
                    _apt(["install", "postgresql"], output.fileno(), log)
        _switch_off(packages, output.fileno())


def _install_by_sudo(packages: list[str], log: Path) -> None:
    """Run this very module as root, when sudo lets us without asking for a password."""
    command = f"apt-get install {' '.join(packages)}"
    if (
        shutil.which("sudo") is None
        or subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    ):
        raise LaunchError(
            f"This machine lacks: {' '.join(packages)}.\n"
            "Root can install them, or you if sudo asks you for no password; neither is so. Have this run:\n"
            f"    sudo {command}"
        )
    root = Path(__file__).resolve().parents[3]
    result = subprocess.run(
        ["sudo", "-n", sys.executable, "-m", "deploy.local.setup.packages", str(log), *packages],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if result.returncode != 0:
        raise with_log(f"this failed: sudo {command}", log)


def _apt(arguments: list[str], output: int, log: Path) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    command = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=120", "--no-install-recommends", *arguments]
    result = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if result.returncode != 0:
        raise with_log(f"this failed: {' '.join(command)}", log)


@contextmanager
def _services_held_back() -> Iterator[None]:
    """While this holds, packages may not start, stop or restart a service (policy-rc.d answers 101)."""
    with _laid(_POLICY, _POLICY_TEXT, _POLICY_ASIDE, mode=0o755):
        yield


@contextmanager
def _clusters_held_back() -> Iterator[None]:
    """While this holds, the PostgreSQL package makes no cluster on the standard port."""
    with _laid(_CLUSTERS, _NO_CLUSTER, _CLUSTERS_ASIDE, mode=0o644):
        yield


@contextmanager
def _laid(path: Path, text: str, aside: Path, mode: int) -> Iterator[None]:
    """The file with our text; what was there before, or nothing, comes back at the end.

    When a crash kept it from coming back, it lies aside still and ours is in its place: that one is kept.
    """
    if path.exists() and not aside.exists() and path.read_text(errors="replace") != text:
        path.rename(aside)
    path.write_text(text)
    path.chmod(mode)
    try:
        yield
    finally:
        _take_away(path, text, aside)


def _take_away(path: Path, text: str, aside: Path) -> None:
    """Remove our file and put back what was there before; nothing when ours is not there."""
    if path.exists() and path.read_text(errors="replace") == text:
        path.unlink()
        if aside.exists():
            aside.rename(path)


def _switch_off(packages: list[str], output: int) -> None:
    """Keep the new services from starting with the machine: our instances start their own."""
    units = [unit for package in packages for unit in _UNITS.get(package, ())]
    if units and shutil.which("systemctl"):
        subprocess.run(["systemctl", "disable", *units], stdout=output, stderr=subprocess.STDOUT, check=False)


def _has_program(name: str) -> bool:
    return shutil.which(name, path=_SYSTEM_PATH) is not None


def _has_venv() -> bool:
    return importlib.util.find_spec("venv") is not None and importlib.util.find_spec("ensurepip") is not None


def main(arguments: list[str]) -> int:
    """As root: install packages; the first argument is the log, the others name them."""
    log, *packages = arguments
    try:
        install(packages, Path(log))
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
