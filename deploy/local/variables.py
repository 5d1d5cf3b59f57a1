"""Which process gets which environment variables: its own and no other's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.identity import INSTANCE_MARK, PROCESS_MARK
from deploy.local.instance import SERVICES, Instance
from deploy.local.servers.rabbitmq import USER as RABBITMQ_USER

STANDIN_KEY = "sk_test_localstripe"

# What every program needs from the person's environment; nothing else of it reaches a process.
_FROM_THE_MACHINE = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")

# Settings that the caller may set: for all processes, and for one service only.
_COMMON_SETTINGS = (
    "LOG_LEVEL",
    "DATABASE_POOL_SIZE",
    "MAX_WORKERS",
    "EVENT_RETRY_SECONDS",
    "STOP_SECONDS",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_TRACES_SAMPLER_ARG",
    "FAULT_POINTS",
)
_OWN_SETTINGS: dict[str, tuple[str, ...]] = {
    "search": (),
    "booking": (
        "HOLD_SECONDS",
        "PAYMENT_HOLD_SECONDS",
        "HOLDS_PER_CUSTOMER",
        "HOLDS_PER_ADDRESS",
        "COMPLETE_GRACE_SECONDS",
    ),
    "payment": (
        "PLATFORM_COMMISSION_RATE",
        "PAYMENT_RESUME_SECONDS",
        "PAYOUT_SECONDS",
        "PAYOUT_WAIT_SECONDS",
        "RECONCILE_SECONDS",
        "UNSETTLED_SECONDS",
        "MAX_TIP_PERCENT",
        "OPERATOR_TIME_ZONE",
        "STRIPE_REQUEST_RECORD",
    ),
    "notify": (),
    "gateway": (
        "GATEWAY_WORKERS",
        "GATEWAY_WORKER_CONNECTIONS",
        "SEARCH_RATE_LIMIT",
        "BOOKING_RATE_LIMIT",
        "TRUSTED_PROXIES",
        "CORS_ORIGINS",
    ),
}
# All or none: without the key the stand-in is used, whatever the others say.
_STRIPE_SETTINGS = (
    "STRIPE_SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_CONNECT_WEBHOOK_SECRET",
    "PLATFORM_COUNTRY",
    "ONBOARDING_URL",
    "STRIPE_WALLET_DOMAINS",
    "TAP_SECRET_KEY",
    "TAP_API_BASE",
    "TAP_MERCHANT_ID",
    "TAP_WEBHOOK_URL",
    "TAP_RETURN_URL",
    "TAP_CONTACT_EMAIL",
)


@dataclass(frozen=True)
class Wiring:
    """An instance with its ports and secrets, and what the person who starts it has set."""

    instance: Instance
    ports: Mapping[str, int]
    secrets: Mapping[str, str]
    caller: Mapping[str, str]

    @property
    def has_standin(self) -> bool:
        """True when payments go to the local stand-in, because no key of Stripe was given."""
        return not self.caller.get("STRIPE_SECRET_KEY")

    @property
    def amqp_uri(self) -> str:
        return self._amqp_uri(self.ports["rabbitmq"])

    def amqp_uri_of(self, service: str) -> str:
        """The broker as the processes of a service reach it."""
        return self._amqp_uri(self._port_for(service, "rabbitmq"))

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.secrets['redis_password']}@127.0.0.1:{self.ports['redis']}/0"

    def database_url(self, service: str, role: str) -> str:
        """Address of the service's database; `role` is app, owner or postgres (the superuser)."""
        return self._database_url(service, role, self.ports["postgresql"])

    def database_url_of(self, service: str) -> str:
        """The service's database as its processes reach it."""
        return self.own_database(service) or self._database_url(
            service, "app", self._port_for(service, "postgresql")
        )

    def own_database(self, service: str) -> str | None:
        """The address that the caller set, as BOOKING_DATABASE_URL; None: the launcher makes a database."""
        return self.caller.get(f"{service.upper()}_DATABASE_URL") or None

    def _amqp_uri(self, port: int) -> str:
        return f"pyamqp://{RABBITMQ_USER}:{self.secrets['rabbitmq_password']}@127.0.0.1:{port}//"

    def _database_url(self, service: str, role: str, port: int) -> str:
        user = role if role == "postgres" else f"care_{service}_{role}"
        return (
            f"postgresql+psycopg2://{user}:{self.secrets[f'{user}_password']}@127.0.0.1:{port}/care_{service}"
        )

    def _port_for(self, service: str, server: str) -> int:
        """The server's port, or that of a proxy before it: BOOKING_POSTGRESQL_PORT, BOOKING_RABBITMQ_PORT."""
        return int(self.caller.get(f"{service.upper()}_{server.upper()}_PORT") or self.ports[server])


def base_environment(wiring: Wiring, process: str) -> dict[str, str]:
    """What every process gets: the machine's few variables, our code, our time zone data, and the marks."""
    return {
        **{name: wiring.caller[name] for name in _FROM_THE_MACHINE if name in wiring.caller},
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(wiring.instance.root),
        "PYTHONUNBUFFERED": "1",
        "PYTHONTZPATH": "",  # the pinned tzdata package is the only source of zones
        INSTANCE_MARK: str(wiring.instance.folder),
        PROCESS_MARK: process,
    }


def service_environment(
    wiring: Wiring, service: str, health_port: int, process: str | None = None
) -> dict[str, str]:
    """The environment of a process of `service`; `process` is its name when it is not the first one."""
    if service not in SERVICES:
        raise ValueError(f"{service} is not a service")
    return {
        **base_environment(wiring, process or service),
        "PROFILE": wiring.instance.profile,
        "DATABASE_URL": wiring.database_url_of(service),
        "AMQP_URI": wiring.amqp_uri_of(service),
        "HEALTH_HOST": "127.0.0.1",
        "HEALTH_PORT": str(health_port),
        **(_FAST_RETRIES if wiring.instance.profile == "test" else {}),
        **_special(wiring, service),
        **_given(wiring, (*_COMMON_SETTINGS, *_OWN_SETTINGS[service])),
    }


def migration_environment(wiring: Wiring, service: str) -> dict[str, str]:
    """The environment in which a service's migrations run: as the owner of its database."""
    own = wiring.own_database(service)
    owner = wiring.caller.get(f"{service.upper()}_MIGRATION_DATABASE_URL") or own
    return {
        **base_environment(wiring, f"migrate-{service}"),
        "PROFILE": wiring.instance.profile,
        "MIGRATION_DATABASE_URL": owner or wiring.database_url(service, "owner"),
    }


def _given(wiring: Wiring, names: Iterable[str]) -> dict[str, str]:
    """Those of the settings that the caller has set; an empty one counts as not set."""
    return {name: wiring.caller[name] for name in names if wiring.caller.get(name)}


# A failed event is tried again within seconds, so that a test sees it parked.
_FAST_RETRIES = {"EVENT_RETRY_SECONDS": "1,1,1,1"}

# How soon a lost webhook shows: the stand-in tells little by itself. Late enough for one that is on its way.
_RECONCILING = {
    "local": {"RECONCILE_SECONDS": "60", "PAYOUT_SECONDS": "15", "PAYOUT_WAIT_SECONDS": "15"},
    "test": {"RECONCILE_SECONDS": "3", "UNSETTLED_SECONDS": "8", "PAYOUT_SECONDS": "3"},
}


def request_record(instance: Instance) -> Path:
    """Where the tests' instance keeps every request to Stripe, for the check at the end of the run."""
    return instance.folder / "stripe-requests.jsonl"


def _payment(wiring: Wiring) -> dict[str, str]:
    profile = wiring.instance.profile
    is_test = profile == "test"
    return {
        **_RECONCILING.get(profile, {}),
        **({"STRIPE_REQUEST_RECORD": str(request_record(wiring.instance))} if is_test else {}),
        **(_standin(wiring) if wiring.has_standin else _given(wiring, _STRIPE_SETTINGS)),
    }


def _standin(wiring: Wiring) -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": STANDIN_KEY,
        "STRIPE_API_BASE": f"http://127.0.0.1:{wiring.ports['standin-proxy']}",
        "STRIPE_WEBHOOK_SECRET": wiring.secrets["stripe_webhook_secret"],
        "STRIPE_CONNECT_WEBHOOK_SECRET": wiring.secrets["stripe_connect_webhook_secret"],
    }


def _special(wiring: Wiring, service: str) -> dict[str, str]:
    """What only this service gets."""
    if service == "payment":
        return _payment(wiring)
    if service == "gateway":
        return {
            "REDIS_URL": wiring.redis_url,
            "JWT_PRIVATE_KEY": wiring.secrets["jwt_private_key"],
            "GATEWAY_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(wiring.ports["gateway"]),
            "TRUSTED_PROXIES": "127.0.0.1",
            **({"STANDIN_URL": f"http://127.0.0.1:{wiring.ports['standin']}"} if wiring.has_standin else {}),
        }
    return {}
