"""Settings of the gateway, read once from the environment."""

import re
from dataclasses import dataclass

from shared.settings import ProcessSettings, Profile, SettingsError, setting

ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:\d{1,5})?")


@dataclass(frozen=True, kw_only=True)
class GatewaySettings(ProcessSettings):
    """What a gateway process reads."""

    redis_url: str = setting("REDIS_URL", "cache and limits, redis://host:port/db", secret=True)
    host: str = setting("GATEWAY_HOST", "address that the API listens on", "127.0.0.1")
    port: int = setting("GATEWAY_PORT", "port that the API listens on", 3000)
    workers: int = setting("GATEWAY_WORKERS", "processes that answer requests", 2)
    worker_connections: int = setting(
        "GATEWAY_WORKER_CONNECTIONS", "connections of one process at once, sockets included", 10_000
    )
    jwt_private_key: str = setting(
        "JWT_PRIVATE_KEY",
        "Ed25519 private keys in PEM, line ends may be written \\n: the first signs, all verify",
        secret=True,
    )
    trusted_proxies: tuple[str, ...] = setting(
        "TRUSTED_PROXIES", "addresses or networks whose X-Forwarded-For is believed", ()
    )
    cors_origins: tuple[str, ...] = setting(
        "CORS_ORIGINS", "origins of web pages that may call the API from a browser", ()
    )
    search_rate_limit: int = setting(
        "SEARCH_RATE_LIMIT", "searches a minute for one address that has not signed in", 50
    )
    booking_rate_limit: int = setting(
        "BOOKING_RATE_LIMIT", "booking commands a minute for one address that has not signed in", 20
    )
    standin_url: str = setting(
        "STANDIN_URL",
        "origin of Stripe's stand-in as browsers reach it, for 3-D Secure on the page; empty in production",
        "",
    )

    def __post_init__(self) -> None:
        """Raises SettingsError for a stand-in in production, or one that is not an origin."""
        if not self.standin_url:
            return
        if self.profile is Profile.PRODUCTION:
            raise SettingsError("STANDIN_URL is set in the production profile")
        if not ORIGIN.fullmatch(self.standin_url):
            raise SettingsError("STANDIN_URL is not an origin such as http://127.0.0.1:8420")
