"""What the commands tell people: what runs, where to go next, what the logs say."""

from __future__ import annotations

import os

from deploy.local import running
from deploy.local.demo_data.people import DEMO_PASSWORD
from deploy.local.failure import LaunchError
from deploy.local.instance import Instance
from deploy.local.stack import Stack

_STANDIN_NOTICE = "Payments go to the local stand-in of Stripe: no money moves."


def show_status(stack: Stack) -> int:
    """Print a line per server and process; 0 when all that shall run is ready, else 1."""
    if not stack.ports:
        print(f"The instance {stack.instance.name} was never started: make up")
        return 1
    rows = stack.status()
    print(f"{'name':16} {'pid':>8}  {'state':9} {'restarts':>8}  address")
    for row in rows:
        state = "ready" if row.is_ready else "starting" if row.pid else "stopped"
        print(f"{row.name:16} {row.pid or '-':>8}  {state:9} {row.restarts:>8}  {row.address}")
    if not running.is_supervised(stack.instance):
        print("The services do not run: make up")
        return 1
    return 0 if all(row.is_ready for row in rows) else 1


def show_next_steps(stack: Stack) -> None:
    """Print where the API, its page, the accounts and the logs are, and how to stop."""
    url = f"http://localhost:{stack.ports['gateway']}"
    name = stack.instance.name
    option = "" if name == "demo" else f" INSTANCE={name}"
    print(
        f"\n"
        f"  page         {url}/\n"
        f"  API          {url}/api/v1\n"
        f"  its document {url}/api/docs\n"
        f"  WebSocket    {url.replace('http', 'ws')}/realtime\n"
        f"  accounts     customer@demo.test, provider@demo.test, admin@demo.test; password {DEMO_PASSWORD}\n"
        f"  payments     {payment_notice(stack)}\n"
        f"  what runs    make status{option}\n"
        f"  logs         {stack.instance.logs.relative_to(stack.instance.root)}/ or make logs{option}\n"
        f"  stop         make down{option}\n"
    )


def payment_notice(stack: Stack) -> str:
    """Whether payments are simulated."""
    if stack.wiring.has_standin:
        return _STANDIN_NOTICE
    return "Payments go to Stripe with the key in STRIPE_SECRET_KEY."


def show_logs(instance: Instance) -> int:
    """Follow all logs of the instance; replaces this process."""
    logs = sorted(str(path) for path in instance.logs.glob("*.log")) if instance.logs.exists() else []
    if not logs:
        raise LaunchError(f"the instance {instance.name} has no logs: make up")
    os.execvp("tail", ["tail", "-n", "5", "-F", *logs])  # noqa: S606
