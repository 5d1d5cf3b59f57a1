"""Everything that a gateway process holds, made in one place and handed in."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from gevent.threadpool import ThreadPool

from services.gateway import context
from services.gateway.accounts.calendar_feeds import CalendarFeeds
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.sessions import Sessions
from services.gateway.accounts.tokens import AccessTokens
from services.gateway.audit.trail import Trail
from services.gateway.cache import Cache
from services.gateway.context import TrustedProxies
from services.gateway.in_flight import InFlight
from services.gateway.invalidation import Invalidation
from services.gateway.limits import Limits, figures
from services.gateway.payment_mode import PaymentMode
from services.gateway.redis_link import RedisLink
from services.gateway.repeated import Repeated
from services.gateway.rpc import RpcPort, Services
from services.gateway.settings import GatewaySettings
from shared import clock
from shared.contracts.gateway import SERVICE
from shared.database.transaction import Database
from shared.messages.relay import Relay
from shared.messages.rpc_client import RpcClient
from shared.messages.topology import events_exchange

PASSWORD_THREADS = 2
"""argon2 uses 46 MiB and a whole core for each: more threads than cores would only fight."""

PROBES_IN_FLIGHT = 8
"""Health and metrics of one process at once; they are exempt from limits by address."""
WEBHOOKS_IN_FLIGHT = 16
"""Webhooks of one process on their way to payment at once; what is refused, Stripe sends again."""

FORGET_SECONDS = 3600.0


@dataclass
class Resources:
    """One process. Nothing connects before `start`, or before the first use."""

    settings: GatewaySettings
    database: Database
    redis: RedisLink
    rpc_client: RpcPort
    services: Services
    cache: Cache
    limits: Limits
    tokens: AccessTokens
    passwords: Passwords
    sessions: Sessions
    calendar_feeds: CalendarFeeds
    trail: Trail
    proxies: TrustedProxies
    invalidation: Invalidation
    forgetting: Repeated
    relay: Relay
    payment_mode: PaymentMode
    probes: InFlight
    webhooks: InFlight
    on_start: list[Callable[[], None]] = field(default_factory=list)
    on_begin_stop: list[Callable[[], None]] = field(default_factory=list)
    """Called when the process is told to stop, while its last requests are answered."""
    on_stop: list[Callable[[], None]] = field(default_factory=list)

    def start(self) -> None:
        """Begin to listen and to send; everything connects by itself and again when it was lost."""
        self.database.after_commit(self.relay.wake)
        self.rpc_client.start()
        self.relay.start()
        self.invalidation.start()
        self.forgetting.start()
        for hook in self.on_start:
            hook()

    def begin_stop(self) -> None:
        """Let go of what would keep the process alive: open sockets."""
        for hook in self.on_begin_stop:
            hook()

    def stop(self) -> None:
        """End the threads and connections, after the last answer."""
        for hook in self.on_stop:
            hook()
        self.forgetting.stop()
        self.invalidation.stop()
        self.relay.stop()
        self.rpc_client.stop()
        self.redis.close()
        self.database.dispose()


def build(settings: GatewaySettings) -> Resources:
    """Make what a process needs. Raises SettingsError for keys and ValueError for networks."""
    holder = f"{SERVICE}@{socket.gethostname()}:{os.getpid()}"
    database = Database(settings.database_url, pool_size=settings.database_pool_size, application_name=holder)
    redis = RedisLink(settings.redis_url, clock.monotonic)
    limits = Limits(redis, figures(settings.search_rate_limit, settings.booking_rate_limit))
    tokens = AccessTokens(settings.jwt_private_key, clock.now)
    passwords = Passwords(ThreadPool(PASSWORD_THREADS))
    rpc_client = RpcClient(settings.amqp_uri, SERVICE)
    cache = Cache(redis, lambda: invalidation.is_current())
    invalidation = Invalidation(settings.amqp_uri, cache.raise_generations)
    sessions = Sessions(database.transaction, passwords, tokens, limits, clock.now)
    calendar_feeds = CalendarFeeds(database.transaction, clock.now)
    return Resources(
        settings=settings,
        database=database,
        redis=redis,
        rpc_client=rpc_client,
        services=Services(rpc_client, lambda: context.current().caller()),
        cache=cache,
        limits=limits,
        tokens=tokens,
        passwords=passwords,
        sessions=sessions,
        calendar_feeds=calendar_feeds,
        trail=Trail(database.transaction, context.current),
        forgetting=Repeated(
            "forget-ended", FORGET_SECONDS, sessions.forget_ended, calendar_feeds.forget_ended
        ),
        proxies=TrustedProxies(settings.trusted_proxies),
        invalidation=invalidation,
        payment_mode=PaymentMode(),
        probes=InFlight(PROBES_IN_FLIGHT),
        webhooks=InFlight(WEBHOOKS_IN_FLIGHT),
        relay=Relay(settings.relay_url, settings.amqp_uri, events_exchange(SERVICE), holder),
    )
