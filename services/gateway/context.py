"""What the gateway knows about the request in work: who asks, from where, under which ids."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import Request, g
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from services.gateway.accounts.tokens import Principal
from shared import logs
from shared.contracts.declaration import Caller
from shared.ids import new_id

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
LANGUAGES = ("en", "ar")
LONGEST_ADDRESS = 64
REMEMBERED = 4096
"""Addresses that a process knows without reading them again: their bound is that of its memory."""


@dataclass(kw_only=True)
class RequestContext:
    """One request. `principal` is None for strangers; `started` is of the monotonic clock."""

    request_id: str
    client_address: str
    locale: str
    started: float
    principal: Principal | None = None

    def caller(self) -> Caller:
        """Who asks, for the services."""
        principal = self.principal
        return Caller(
            user_id=principal.user_id if principal else "",
            client_address=self.client_address,
            roles=principal.roles if principal else (),
            memberships=principal.memberships if principal else (),
            posts=principal.posts if principal else (),
            locale=self.locale,
            request_id=self.request_id,
        )


def open_context(request: Request, proxies: "TrustedProxies", started: float) -> RequestContext:
    """Make the context of a request and keep it where `current` finds it."""
    offered = request.headers.get("X-Request-Id", "")
    context = RequestContext(
        request_id=offered if REQUEST_ID.fullmatch(offered) else new_id(),
        client_address=proxies.client_address(
            request.remote_addr or "", request.headers.get("X-Forwarded-For", "")
        ),
        locale=_language(request.headers.get("Accept-Language", "")),
        started=started,
    )
    g.context = context
    logs.request_id.set(context.request_id)
    return context


def current() -> RequestContext:
    """The context of the request in work."""
    context: RequestContext = g.context
    return context


class TrustedProxies:
    """Whose X-Forwarded-For is believed (rule B13). Raises ValueError for what is no network."""

    def __init__(self, networks: tuple[str, ...]) -> None:
        self._networks = tuple(ip_network(network) for network in networks)
        self._trusts = lru_cache(REMEMBERED)(self._is_trusted)

    def client_address(self, peer: str, forwarded_for: str) -> str:
        """The nearest address in the chain that is not a trusted proxy's own; of IPv6 its network.

        Read from the right: what stands left of it was written by the client, who may lie. An entry
        that is no address ends the chain at the proxy that passed it on.
        """
        address = peer
        for entry in reversed(forwarded_for.split(",")):
            if not self._trusts(address):
                break
            parsed = _parsed(entry.strip()[:LONGEST_ADDRESS])
            if parsed is None:
                break
            address = str(parsed)
        return _household(address)

    def _is_trusted(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._networks)


@lru_cache(REMEMBERED)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(REMEMBERED)
def _household(address: str) -> str:
    """What stands for one client: an IPv4 address, or the /64 from which one may take any IPv6 address."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False))


@lru_cache(64)
def _language(accepted: str) -> str:
    """Ours that fits best to an Accept-Language header (RFC 9110, 12.5.4)."""
    return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES) or LANGUAGES[0]
