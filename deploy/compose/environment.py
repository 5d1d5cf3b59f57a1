"""Writes .env with new secrets, for docker compose on this machine only (`make compose-env`)."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from deploy.local.credentials import new_credentials
from deploy.local.variables import STANDIN_KEY

_HEADER = """\
# Secrets of the containers on this machine, written by `make compose-env`. Never committed.
# With a key of Stripe's: its STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET and STRIPE_CONNECT_WEBHOOK_SECRET,
# your PLATFORM_COUNTRY and ONBOARDING_URL, and STRIPE_API_BASE, STANDIN_URL and COMPOSE_PROFILES empty.
"""


def new_environment() -> dict[str, str]:
    """Every variable that docker-compose.yml asks for, with secrets that nobody has had before."""
    known = {name.upper(): value.strip().replace("\n", "\\n") for name, value in new_credentials().items()}
    return {
        "COMPOSE_PROFILES": "demo",
        **known,
        "STRIPE_SECRET_KEY": STANDIN_KEY,
        "STRIPE_API_BASE": "http://127.0.0.1:8421",
        "STANDIN_URL": "http://127.0.0.1:8420",
        "GRAFANA_ADMIN_PASSWORD": secrets.token_urlsafe(24),
    }


def complete(path: Path) -> list[str]:
    """Add what the file lacks and keep what it has; the names that were added."""
    text = path.read_text(encoding="utf-8") if path.exists() else _HEADER
    known = {line.partition("=")[0] for line in text.splitlines()}
    added = {name: value for name, value in new_environment().items() if name not in known}
    if added and not text.endswith("\n"):
        text += "\n"
    # In single quotes docker compose takes a value as it stands.
    text += "".join(f"{name}='{value}'\n" for name, value in added.items())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    path.chmod(0o600)
    return list(added)


def main(arguments: list[str]) -> int:
    """Complete the file that is the only argument."""
    added = complete(Path(arguments[0]))
    sys.stdout.write(f"{arguments[0]}: {len(added)} added\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
