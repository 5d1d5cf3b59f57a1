"""One database per service, an owner for its migrations, and an account for the service with few rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from deploy.local.servers.postgresql import PostgreSQL

# Made by the superuser, since a database's owner may not make all of them.
_EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    "search": ("pg_trgm", "unaccent", "cube", "earthdistance"),
    "booking": ("btree_gist",),
}


def make_databases(server: PostgreSQL, services: Iterable[str], secrets: Mapping[str, str]) -> None:
    """Make what is missing of roles, databases, rights and extensions; what is there stays."""
    # Our passwords are of letters, digits, - and _, so they need no escaping.
    server.run_script("postgres", databases_script(services, lambda role: f"'{secrets[f'{role}_password']}'"))


def databases_script(services: Iterable[str], password_of: Callable[[str], str]) -> str:
    """What psql is told as the superuser, safe to repeat; `password_of` a role is an SQL text."""
    parts = [_close_to_strangers("postgres"), _close_to_strangers("template1")]
    for service in services:
        owner, app, database = f"care_{service}_owner", f"care_{service}_app", f"care_{service}"
        parts += [_role(role, password_of(role)) for role in (owner, app)]
        parts += [_database(database, owner), _close_to_strangers(database)]
        parts += [f"GRANT CONNECT ON DATABASE {database} TO {app};"]
        parts += [f"\\connect {database}", f"GRANT USAGE ON SCHEMA public TO {app};"]
        parts += [f"CREATE EXTENSION IF NOT EXISTS {name};" for name in _EXTENSIONS.get(service, ())]
    return "\n".join(["SET client_min_messages = warning;", *parts]) + "\n"


def _role(name: str, password: str) -> str:
    return (
        f"SELECT 'CREATE ROLE {name} LOGIN' WHERE NOT EXISTS "
        f"(SELECT FROM pg_roles WHERE rolname = '{name}') \\gexec\n"
        f"ALTER ROLE {name} PASSWORD {password};"
    )


def _database(name: str, owner: str) -> str:
    return (
        f"SELECT 'CREATE DATABASE {name} OWNER {owner}' WHERE NOT EXISTS "
        f"(SELECT FROM pg_database WHERE datname = '{name}') \\gexec"
    )


def _close_to_strangers(database: str) -> str:
    """Who may connect is said by name: every role of a server may connect to every database otherwise."""
    return f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;"
