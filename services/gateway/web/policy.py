"""What the page's browser may load, and whom it may talk to: this host, and nobody else."""

import re

HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
AUTHENTICATE_PATH = "/v1/payment_intents/"
"""Below it lies the stand-in's `_authenticate`; a policy's path that ends in a slash is a prefix."""
PERMISSIONS = "camera=(), geolocation=(self), microphone=()"
"""The page may ask where its reader is; it asks only when told to."""


def content_security_policy(host: str, standin_url: str) -> str:
    """The policy of the page at this host, as the client named it.

    'self' covers the socket in current browsers; older ones want its addresses by name.
    """
    connect = ["'self'"]
    if HOST.fullmatch(host):
        connect += [f"ws://{host}", f"wss://{host}"]
    if standin_url:
        connect.append(f"{standin_url.rstrip('/')}{AUTHENTICATE_PATH}")
    directives = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        f"connect-src {' '.join(connect)}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return "; ".join(directives)
