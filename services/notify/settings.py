"""Settings of the notify service."""

from dataclasses import dataclass

from shared.settings import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class NotifySettings(WorkerSettings):
    """Read once from the environment when the process starts; what every worker reads, and no more."""
