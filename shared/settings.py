"""Settings: read once from the environment into a typed, frozen dataclass, with clear errors."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints


class SettingsError(Exception):
    """The environment lacks a setting or holds one that can't be read; names it, never its value."""


class Profile(StrEnum):
    """Where the process runs. `production` is the default, so that a forgotten setting is safe."""

    PRODUCTION = "production"
    LOCAL = "local"
    TEST = "test"


def setting(name: str, explanation: str, default: Any = dataclasses.MISSING, *, secret: bool = False) -> Any:
    """A field of a settings class: its environment variable, what it means, its default.

    A secret is left out of the repr, so that it reaches no log.
    """
    metadata = {"name": name, "explanation": explanation, "secret": secret}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata, repr=not secret)
    return dataclasses.field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """What every process of the platform reads."""

    profile: Profile = setting("PROFILE", "production, local or test", Profile.PRODUCTION)
    database_url: str = setting("DATABASE_URL", "the service's own database, as its app role", secret=True)
    relay_database_url: str = setting(
        "RELAY_DATABASE_URL",
        "the same database by a connection that keeps a session (LISTEN); empty: DATABASE_URL",
        "",
        secret=True,
    )
    amqp_uri: str = setting("AMQP_URI", "the broker, with account and virtual host", secret=True)
    database_pool_size: int = setting("DATABASE_POOL_SIZE", "connections to the database", 10)
    health_host: str = setting("HEALTH_HOST", "address of the health and metrics listener", "127.0.0.1")
    health_port: int = setting("HEALTH_PORT", "port of the health and metrics listener; 0: any", 0)
    log_level: str = setting("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR", "INFO")
    event_retry_seconds: tuple[int, ...] = setting(
        "EVENT_RETRY_SECONDS", "waits before an event that failed is tried again", (5, 30, 300, 3600)
    )
    stop_seconds: int = setting("STOP_SECONDS", "how long work in hand may take after SIGTERM", 25)
    otlp_endpoint: str = setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "where traces go, OTLP over HTTP; empty: nowhere", ""
    )
    trace_ratio: float = setting("OTEL_TRACES_SAMPLER_ARG", "share of traces that are kept, 0 to 1", 0.1)
    fault_points: str = setting(
        "FAULT_POINTS", "folder by which tests let a process die, for tests only; empty: never", ""
    )

    def __post_init__(self) -> None:
        if not 0 <= self.trace_ratio <= 1:
            raise SettingsError("OTEL_TRACES_SAMPLER_ARG is not between 0 and 1")

    @property
    def relay_url(self) -> str:
        return self.relay_database_url or self.database_url


@dataclass(frozen=True, kw_only=True)
class WorkerSettings(ProcessSettings):
    """What every nameko process reads besides."""

    max_workers: int = setting("MAX_WORKERS", "requests, events and timers in work at once", 10)


Settings = TypeVar("Settings", bound="ProcessSettings")


def load(kind: type[Settings], environment: Mapping[str, str]) -> Settings:
    """Read the settings of a class. Raises SettingsError naming every variable that is wrong."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in dataclasses.fields(kind):
        name = field.metadata["name"]
        text = environment.get(name, "")
        if text:
            try:
                values[field.name] = _parse(text, hints[field.name])
            except (ValueError, InvalidOperation):
                problems.append(f"{name} is not valid ({field.metadata['explanation']})")
        elif field.default is dataclasses.MISSING:
            problems.append(f"{name} is not set ({field.metadata['explanation']})")
    if problems:
        raise SettingsError("; ".join(problems))
    return kind(**values)


def _parse(text: str, kind: Any) -> Any:
    if kind is bool:
        return _parse_bool(text)
    if kind == tuple[int, ...]:
        return tuple(int(part) for part in text.split(","))
    if kind == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind in (int, float, str, Decimal) or issubclass(kind, StrEnum):
        return kind(text)
    raise TypeError(f"no way to read a setting of type {kind}")


def _parse_bool(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(text)
