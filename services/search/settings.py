"""Settings of search, read once from the environment."""

from dataclasses import dataclass

from shared.settings import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class SearchSettings(WorkerSettings):
    """What a search process reads: nothing besides what every worker reads."""
