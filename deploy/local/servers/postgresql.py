"""PostgreSQL of an instance: newest version of the machine, on loopback, with passwords."""

from __future__ import annotations

import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.accounts import Account, make_private_folder, write_private_file
from deploy.local.failure import LaunchError, with_log
from deploy.local.instance import Instance
from deploy.local.servers.server import Program

SUPERUSER = "postgres"
_VERSIONS = Path(
    "/usr/lib/postgresql"
)  # Debian's place; programs of the same names in the PATH may be wrappers

# How it is set up wherever it runs.
SETTINGS = {"max_connections": "300", "timezone": "UTC", "log_timezone": "UTC"}
CLUSTER_OPTIONS = ("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256")

# The data of tests are thrown away at each start: a crash of the machine may damage them. Some tests ask
# when a row was committed.
_FOR_TESTS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "track_commit_timestamp": "on",
}


def programs_folder() -> Path | None:
    """The folder with initdb, postgres and psql of the newest installed version; None when there is none."""
    found = [
        folder.parent for folder in _VERSIONS.glob("*/bin/postgres") if (folder.parent / "initdb").exists()
    ]
    return max(found, key=lambda folder: int(folder.parent.name.split(".")[0]), default=None)


@dataclass(frozen=True)
class PostgreSQL:
    """The database server."""

    instance: Instance
    account: Account | None
    port: int
    password: str
    name: str = "postgresql"

    def prepare(self) -> None:
        """Make an empty cluster where there is none; a half made one of a crash is made again."""
        self._forget_dead_server()
        if (self._cluster / "PG_VERSION").exists():
            return
        draft = self.instance.data / "postgresql.draft"
        shutil.rmtree(draft, ignore_errors=True)
        make_private_folder(draft, self.account)
        password_file = self.instance.data / "postgresql.password"
        write_private_file(password_file, self.password, self.account)
        try:
            self._initialise(draft.resolve(), password_file.resolve())
        finally:
            password_file.unlink()
        draft.rename(self._cluster)

    def program(self) -> Program:
        """The server in the foreground; SIGINT is its fast shutdown."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",  # its path would be too long for a socket in a deep clone
            "cluster_name": f"care-{self.instance.code}",
            **SETTINGS,
            **(_FOR_TESTS if self.instance.profile == "test" else {}),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        argv = [self.program_path("postgres"), "-D", str(self._cluster.resolve()), *options]
        return Program(argv, stop_signal=signal.SIGINT)

    def is_ready(self) -> bool:
        """True when the superuser can ask something."""
        return self._psql("postgres", "select 1").returncode == 0

    def run_script(self, database: str, script: str) -> str:
        """Run SQL and psql commands as the superuser; what it printed. Raises LaunchError when one fails."""
        result = self._psql(database, script)
        if result.returncode != 0:
            raise LaunchError(f"PostgreSQL refused: {result.stderr.strip()}")
        return result.stdout

    def program_path(self, name: str) -> str:
        folder = programs_folder()
        if folder is None:
            raise LaunchError("PostgreSQL is not installed")
        return str(folder / name)

    @property
    def _cluster(self) -> Path:
        return self.instance.data / "postgresql"

    def _psql(self, database: str, script: str) -> subprocess.CompletedProcess[str]:
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, "-d", database]
        return subprocess.run(
            [self.program_path("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *address],
            input=script,
            env={
                "PGPASSWORD": self.password,
                "PGCONNECT_TIMEOUT": "5",
                "LANG": "C.UTF-8",
                "PATH": "/usr/bin:/bin",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def _initialise(self, folder: Path, password_file: Path) -> None:
        log = self.instance.log("postgresql-initdb")
        with log.open("wb") as output:
            result = subprocess.run(
                [
                    *(self.program_path("initdb"), "-D", str(folder), "-U", SUPERUSER, "--no-sync"),
                    *(*CLUSTER_OPTIONS, f"--pwfile={password_file}"),
                ],
                env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                check=False,
                **(self.account.options() if self.account else {}),
            )
        if result.returncode != 0:
            raise with_log("PostgreSQL could not make its data folder", log)

    def _forget_dead_server(self) -> None:
        """Remove the number that a killed server left: given to another since, it would prevent the start.

        Called only after this instance's server was found not to run.
        """
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
