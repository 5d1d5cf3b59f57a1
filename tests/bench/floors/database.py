"""The database of the bare booking on the server at hand, and pgbench with its transaction."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from tests.bench.floors.booking_tables import SCHEMA, TRANSACTION

NAME = "care_bare"
PROGRAMS = Path("/usr/lib/postgresql")
"""Debian's place: the program in the PATH is a wrapper that looks for clusters."""


@dataclass(frozen=True)
class Transactions:
    """What pgbench did: transactions a second, and each one's milliseconds."""

    rate: float
    milliseconds: list[float]


def make_database(admin_url: str) -> str:
    """Make the database anew with its tables; its address. `admin_url`: the superuser's, of any database."""
    plain = admin_url.replace("postgresql+psycopg2", "postgresql")
    server = psycopg2.connect(plain)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME}")
    server.close()
    bare = psycopg2.connect(_of(plain))
    with bare, bare.cursor() as cursor:
        cursor.execute(SCHEMA)
    bare.close()
    return _of(admin_url)


def pgbench(admin_url: str, clients: int, seconds: float) -> Transactions:
    """The transaction of a bare booking by so many clients for so many seconds (whole ones, at least 1)."""
    parts = urlsplit(admin_url)
    with tempfile.TemporaryDirectory() as folder:
        script, log = Path(folder) / "booking.sql", Path(folder) / "times"
        script.write_text(TRANSACTION)
        result = subprocess.run(
            [
                *(_program(), "-n", "-f", str(script), "-c", str(clients), "-T", str(max(1, round(seconds)))),
                *("-l", f"--log-prefix={log}", "-h", str(parts.hostname), "-p", str(parts.port)),
                *("-U", str(parts.username), NAME),
            ],
            env={**os.environ, "PGPASSWORD": str(parts.password)},
            capture_output=True,
            text=True,
            check=True,
        )
        lines = [line for file in Path(folder).glob("times.*") for line in file.read_text().splitlines()]
    found = re.search(r"tps = ([\d.]+)", result.stdout)
    assert found, result.stdout
    return Transactions(float(found[1]), [int(line.split()[2]) / 1000 for line in lines])


def _of(url: str) -> str:
    """The address of our database on the server of this one."""
    return urlsplit(url)._replace(path=f"/{NAME}").geturl()


def _program() -> str:
    found = sorted(PROGRAMS.glob("*/bin/pgbench"), key=lambda path: int(path.parts[-3].split(".")[0]))
    path = str(found[-1]) if found else shutil.which("pgbench")
    assert path, "pgbench is not installed"
    return path
