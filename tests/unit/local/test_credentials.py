"""Secrets are made once and only their owner can read the file."""

from __future__ import annotations

import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from deploy.local.credentials import credentials_of, ed25519_private_key
from deploy.local.instance import Instance


def test_secrets_are_kept(tmp_path: Path) -> None:
    instance = Instance("demo", tmp_path)
    first = credentials_of(instance)
    assert credentials_of(instance) == first
    assert stat.S_IMODE((instance.folder / "secrets.json").stat().st_mode) == 0o600
    assert len(set(first.values())) == len(first)


def test_two_instances_share_no_secret(tmp_path: Path) -> None:
    first, second = (credentials_of(Instance(name, tmp_path)) for name in ("demo", "test"))
    assert not set(first.values()) & set(second.values())


def test_the_signing_key_is_an_ed25519_key() -> None:
    seed = bytes(range(32))
    key = load_pem_private_key(ed25519_private_key(seed).encode(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    assert key.private_bytes_raw() == seed
