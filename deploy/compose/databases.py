"""Writes databases.sql, by which the containers' PostgreSQL gets what the local stack's gets (`make env`)."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.local.databases import databases_script
from deploy.local.instance import SERVICES

_HEADER = """\
-- Databases, roles, rights and extensions of all services, written by `make env` from
-- deploy/local/databases.py: change that instead. Safe to repeat. The passwords come from psql's environment.
"""


def script() -> str:
    """The whole text for psql; it fails at a password that the environment lacks."""
    roles = [f"care_{service}_{part}" for service in SERVICES for part in ("owner", "app")]
    passwords = "".join(f"\\getenv {role}_password {role.upper()}_PASSWORD\n" for role in roles)
    return _HEADER + passwords + databases_script(SERVICES, lambda role: f":'{role}_password'")


def main(arguments: list[str]) -> int:
    """Write the file that is the only argument."""
    Path(arguments[0]).write_text(script(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
