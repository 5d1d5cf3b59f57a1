"""What the machine and the clone need before the first server can start."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from deploy.local.failure import LaunchError
from deploy.local.instance import Instance
from deploy.local.parallel import together
from deploy.local.progress import Progress
from deploy.local.setup.environments import OURS, STANDIN, make_environment
from deploy.local.setup.packages import FOR_THE_STACK, install_missing_packages


def prepare(
    instance: Instance,
    caller: Mapping[str, str],
    progress: Progress,
    packages: Collection[str] = FOR_THE_STACK,
) -> None:
    """Install what is missing of Debian's and Python's packages. Raises LaunchError when that can't be."""
    if caller.get("STRIPE_SECRET_KEY", "").startswith(("sk_live_", "rk_live_")):
        raise LaunchError(
            "STRIPE_SECRET_KEY is a live key: this stack is for trying out, it would move real money."
        )
    instance.make_folder()
    install_missing_packages(progress, instance.log("apt"), packages)
    steps = [lambda: make_environment(OURS, progress, instance.log("pip"))]
    if not caller.get("STRIPE_SECRET_KEY"):
        steps.append(lambda: make_environment(STANDIN, progress, instance.log("pip-standin")))
    together(*steps)


def prepare_for_checks(instance: Instance, progress: Progress) -> None:
    """What lint and unit tests need: our virtual environment, and a Python that can make it."""
    instance.make_folder()
    install_missing_packages(progress, instance.log("apt"), only=("python3-venv",))
    make_environment(OURS, progress, instance.log("pip"))
