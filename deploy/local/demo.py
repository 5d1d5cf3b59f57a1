"""`make demo`: from nothing to a running stack with demo data, and one customer's way through it."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.demo_data.documents import documents
from deploy.local.failure import LaunchError, with_log
from deploy.local.instance import SERVICES
from deploy.local.migrations import analyze
from deploy.local.parallel import together
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from deploy.local.report import payment_notice, show_next_steps
from deploy.local.setup.environments import OURS
from deploy.local.stack import Stack
from deploy.local.state_file import read_state, write_state
from deploy.local.variables import base_environment
from deploy.local.waiting import wait_until

# Which service imports which document; each writes through its own store and outbox.
_IMPORTERS = {
    "search": ("services.search.import_catalogue", "catalogue.json"),
    "booking": ("services.booking.import_calendar", "calendar.json"),
    "gateway": ("services.gateway.import_accounts", "accounts.json"),
}
_SETTLE_SECONDS = 120


def run_demo(name: str, progress: Progress) -> int:
    """Bring the instance up, load the demo data, walk the journey; the journey's exit code."""
    stack = Stack(name, progress=progress)
    prepare(stack.instance, os.environ, progress)
    stack.start()
    load_demo_data(stack, progress)
    print(f"\n{payment_notice(stack)}\n", flush=True)
    code = walk_journey(stack)
    show_next_steps(stack)
    return code


def load_demo_data(
    stack: Stack, progress: Progress, content: Mapping[str, Mapping[str, object]] | None = None
) -> None:
    """Import the demo data, or other documents like them, unless these databases have them, and wait
    until they reached every service."""
    content = content or documents()
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    # The mark lies with the data: where these are thrown away, it goes too.
    mark = stack.instance.data / "demo-data.json"
    if read_state(mark).get("digest") == digest:
        return
    with progress.step("demo data"):
        import_documents(stack, content)
    write_state(mark, {"digest": digest})


def import_documents(stack: Stack, content: Mapping[str, Mapping[str, object]]) -> None:
    """Import documents in the form of the demo data, and wait until they have reached every service."""
    with tempfile.TemporaryDirectory() as folder:
        for file_name, document in content.items():
            (Path(folder) / file_name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        together(*(_importer(stack, service, Path(folder)) for service in _IMPORTERS))
    if not wait_until(lambda: _is_settled(stack), _SETTLE_SECONDS):
        raise LaunchError(f"the data have not reached every service after {_SETTLE_SECONDS} s: make status")
    analyze(stack.wiring, OURS.python, SERVICES)


def walk_journey(stack: Stack) -> int:
    """Run the journey as a program of its own; it prints its steps and writes .run/journey.json."""
    report = stack.instance.root / ".run" / "journey.json"
    metrics = [f"--metrics={name}={stack.health_url(name)}/metrics" for name in ("search", "payment")]
    money = [f"--accounts={shlex.join(accounts_command(stack))}"]
    if stack.wiring.has_standin:
        money.append(f"--standin={stack.standin_proxy_url}")
    command = [str(OURS.python), "-m", "tests.journey", "--url", stack.url, "--report", str(report)]
    return subprocess.run(
        [*command, *metrics, *money],
        cwd=stack.instance.root,
        env=base_environment(stack.wiring, "journey"),
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode


def accounts_command(stack: Stack) -> list[str]:
    """The command that prints accounts of payment: `--booking ID` or `--payment ID` follows."""
    return payment_command(stack, "services.payment.show_accounts")


def payment_command(stack: Stack, module: str) -> list[str]:
    """A command of payment's with the environment that its process has; its arguments follow."""
    launcher = [str(OURS.python), "-m", "deploy.local", "--instance", stack.instance.name, "run", "payment"]
    return [*launcher, str(OURS.python), "-m", module]


def _importer(stack: Stack, service: str, folder: Path) -> Callable[[], None]:
    module, file_name = _IMPORTERS[service]

    def run() -> None:
        log = stack.instance.log(f"import-{service}")
        with log.open("wb") as output:
            result = subprocess.run(
                [str(OURS.python), "-m", module, str(folder / file_name)],
                cwd=stack.instance.root,
                env=stack.environment(service),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if result.returncode != 0:
            raise with_log(f"the demo data of {service} could not be imported", log)

    return run


def _is_settled(stack: Stack) -> bool:
    """True when no event waits in an outbox or a queue, and none went from a queue to an outbox meanwhile."""
    return stack.unsent_events() == 0 and stack.undelivered_messages() == 0 and stack.unsent_events() == 0
