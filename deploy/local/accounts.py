"""Whom the servers run as: PostgreSQL refuses to run as root, and nothing that listens needs to."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.instance import Instance

# Where data go when root's clone lies below a folder that other accounts may not enter, as /root often is.
_REACHABLE = Path("/var/lib/care-platform")


@dataclass(frozen=True)
class Account:
    """An account of this machine."""

    name: str
    uid: int
    gid: int

    def options(self) -> dict[str, Any]:
        """Arguments of subprocess that make a program run as this account and nothing more."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(package_account: str) -> Account | None:
    """The account for a server: the one that its package made when we are root, else ours (None)."""
    if os.geteuid() != 0:
        return None
    for name in (package_account, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError(f"this machine has neither the account {package_account} nor nobody")


def make_data_folder(instance: Instance, accounts: list[Account | None]) -> None:
    """Make `instance.data`: a folder, or a link to one below /var/lib if accounts cannot enter the clone."""
    if instance.data.exists():
        return
    instance.data.unlink(missing_ok=True)
    if all(account is None or _can_enter(instance.folder, account) for account in accounts):
        instance.data.mkdir(mode=0o711)
        return
    target = _REACHABLE / instance.code
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o711)
    instance.data.symlink_to(target)


def remove_data_folder(instance: Instance) -> None:
    """Remove all data of the servers; the next start begins with empty ones."""
    if instance.data.is_symlink():
        shutil.rmtree(instance.data.resolve(), ignore_errors=True)
        instance.data.unlink()
    elif instance.data.exists():
        shutil.rmtree(instance.data)


def make_private_folder(folder: Path, account: Account | None) -> None:
    """Make a folder that only the account (and root) may enter."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def write_private_file(path: Path, text: str, account: Account | None) -> None:
    """Write a file that only the account (and root) may read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _can_enter(folder: Path, account: Account) -> bool:
    return (
        subprocess.run(["test", "-x", str(folder)], check=False, cwd="/", **account.options()).returncode == 0
    )
