"""The secrets of an instance: made once, kept with mode 0600, handed to processes by environment only."""

from __future__ import annotations

import base64
import secrets

from deploy.local.instance import SERVICES, Instance
from deploy.local.state_file import read_state, write_state

# PKCS #8 wrapping of a bare Ed25519 key (RFC 8410, section 7): version 0, the algorithm's id, 32 bytes.
_ED25519_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


def credentials_of(instance: Instance) -> dict[str, str]:
    """The secrets by name; what is missing is made and kept."""
    path = instance.folder / "secrets.json"
    kept = {name: str(value) for name, value in read_state(path).items()}
    table = {**new_credentials(), **kept}
    if table != kept:
        write_state(path, dict(table), mode=0o600)
    return table


def ed25519_private_key(seed: bytes) -> str:
    """The PEM text of the private key with this seed of 32 bytes."""
    body = base64.b64encode(_ED25519_PKCS8 + seed).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"


def new_credentials() -> dict[str, str]:
    """A full table of secrets that nobody has had before."""
    roles = [f"care_{service}_{part}" for service in SERVICES for part in ("owner", "app")]
    passwords = ("postgres", *roles, "rabbitmq", "redis")
    return {
        **{f"{name}_password": secrets.token_urlsafe(24) for name in passwords},
        "jwt_private_key": ed25519_private_key(secrets.token_bytes(32)),
        "stripe_webhook_secret": f"whsec_{secrets.token_hex(24)}",
        "stripe_connect_webhook_secret": f"whsec_{secrets.token_hex(24)}",
    }
