"""The table of processes that the supervisor keeps alive: what to run, with what, and when it is ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.instance import WORKERS, Instance
from deploy.local.variables import Wiring, base_environment, service_environment

# A worker may finish the work in hand for STOP_SECONDS (25) after SIGTERM; five more, then it is killed.
_STOP_SECONDS, _STOP_MARGIN = 25, 5

# While a process is replaced: the new one before it takes the name, the old one after it lost it.
SUCCESSOR, PREDECESSOR = ".next", ".old"

# The order of ending: the door first, then those who work, last what they call.
DOOR, WORK, OUTSIDE = 0, 1, 2


@dataclass(frozen=True)
class Specification:
    """A process to keep alive."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    ready_url: str
    address: str
    stop_seconds: int
    phase: int
    health_port: int = 0
    """Its own: two processes that share a door are told apart by it."""
    listens: tuple[int, ...] = ()
    """Ports whose listening sockets the supervisor holds and hands down."""


def specifications(wiring: Wiring) -> list[Specification]:
    """Every process of the instance."""
    services = [worker(wiring, service, wiring.ports[f"{service}-health"]) for service in WORKERS]
    outside = [_standin(wiring), _standin_proxy(wiring)] if wiring.has_standin else []
    return [*outside, *services, _gateway(wiring, wiring.ports["gateway-health"])]


def successor(wiring: Wiring, name: str, health_port: int) -> Specification:
    """What takes the place of the process `name` while that one still runs. Raises ValueError for others
    than the services and the gateway."""
    if name == "gateway":
        return _gateway(wiring, health_port)
    if name in WORKERS:
        return worker(wiring, name, health_port)
    raise ValueError(f"{name} cannot be replaced while it runs")


def worker(wiring: Wiring, service: str, health_port: int, name: str | None = None) -> Specification:
    """A nameko process of `service`; `name` when it is not the first one."""
    process = name or service
    return Specification(
        name=process,
        argv=(_python(wiring.instance), "-m", "shared.worker", f"services.{service}.service"),
        environment=service_environment(wiring, service, health_port, process),
        log=wiring.instance.log(process),
        ready_url=f"http://127.0.0.1:{health_port}/health/ready",
        address=f"127.0.0.1:{health_port}",
        stop_seconds=_stop_seconds(wiring),
        phase=WORK,
        health_port=health_port,
    )


def _gateway(wiring: Wiring, health_port: int) -> Specification:
    configuration = "services/gateway/gunicorn.conf.py"
    port = wiring.ports["gateway"]
    return Specification(
        name="gateway",
        argv=(
            _python(wiring.instance),
            "-m",
            "gunicorn",
            "-c",
            configuration,
            "services.gateway.app:create_app()",
        ),
        environment=service_environment(wiring, "gateway", health_port),
        log=wiring.instance.log("gateway"),
        # Its own listener: at the door, while it is replaced, its predecessor may answer.
        ready_url=f"http://127.0.0.1:{health_port}/health/ready",
        address=f"127.0.0.1:{port}",
        stop_seconds=_stop_seconds(wiring),
        phase=DOOR,
        health_port=health_port,
        listens=(port, health_port),
    )


def _standin(wiring: Wiring) -> Specification:
    """Stripe's stand-in: one worker, since its state is in the process."""
    port = wiring.ports["standin"]
    return Specification(
        name="standin",
        argv=(
            *(
                _standin_python(wiring.instance),
                "-m",
                "gunicorn",
                "-c",
                "deploy/local/standin/gunicorn.conf.py",
            ),
            *("-b", f"127.0.0.1:{port}", "localstripe.server:app"),
        ),
        environment={
            **base_environment(wiring, "standin"),
            "STANDIN_WEBHOOK_URL": f"http://127.0.0.1:{wiring.ports['standin-proxy']}/api/v1/customer/payments/webhook",
            "STANDIN_WEBHOOK_SECRET": wiring.secrets["stripe_webhook_secret"],
        },
        log=wiring.instance.log("standin"),
        ready_url=f"http://127.0.0.1:{port}/js.stripe.com/v3/",
        address=f"127.0.0.1:{port}",
        stop_seconds=_STOP_MARGIN,
        phase=OUTSIDE,
    )


def _standin_proxy(wiring: Wiring) -> Specification:
    """Our proxy before the stand-in: keys, counts, webhooks and, when a test orders them, faults."""
    port = wiring.ports["standin-proxy"]
    return Specification(
        name="standin-proxy",
        argv=(_standin_python(wiring.instance), "-m", "deploy.local.standin.proxy"),
        environment={
            **base_environment(wiring, "standin-proxy"),
            "PROXY_PORT": str(port),
            "PROXY_STANDIN_URL": f"http://127.0.0.1:{wiring.ports['standin']}",
            "PROXY_GATEWAY_URL": f"http://127.0.0.1:{wiring.ports['gateway']}",
        },
        log=wiring.instance.log("standin-proxy"),
        ready_url=f"http://127.0.0.1:{port}/_proxy/ready",
        address=f"127.0.0.1:{port}",
        stop_seconds=_STOP_MARGIN,
        phase=OUTSIDE,
    )


def _python(instance: Instance) -> str:
    return str(instance.root / ".venv" / "bin" / "python")


def _standin_python(instance: Instance) -> str:
    return str(instance.root / ".standin" / "bin" / "python")


def _stop_seconds(wiring: Wiring) -> int:
    return int(wiring.caller.get("STOP_SECONDS") or _STOP_SECONDS) + _STOP_MARGIN
