"""Access tokens: EdDSA (Ed25519), 15 minutes, verified with the keys that /.well-known/jwks.json shows."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from services.gateway.problems import token_expired, token_invalid
from shared.contracts.declaration import Post
from shared.ids import is_id, new_id
from shared.settings import SettingsError

ALGORITHM = "EdDSA"
ISSUER = "care-gateway"
AUDIENCE = "care"
LIFETIME = timedelta(minutes=15)
MAX_TOKEN_LENGTH = 8192
REMEMBERED = 1024
"""Tokens of ours that a process read before; about 2 KB each."""
_PEM = re.compile(r"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----", re.DOTALL)
_CLAIMS = ["iss", "aud", "sub", "iat", "exp", "sid"]


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A signed-in account as its access token tells: ids, what it may do, until when it is known.

    `posts`: as what it acts for the providers in `memberships`; a token of an older release tells none.
    """

    user_id: str
    session_id: str
    roles: tuple[str, ...]
    memberships: tuple[str, ...]
    locale: str
    token_version: int
    expires_at: datetime
    posts: tuple[Post, ...] = ()


class AccessTokens:
    """Signs and verifies access tokens. `now` is the process's clock."""

    def __init__(self, private_keys_pem: str, now: Callable[[], datetime]) -> None:
        keys = _load_keys(private_keys_pem)
        self._now = now
        self._signing_id, self._signing_key = next(iter(keys.items()))
        # What a signature says never changes; whether it has expired is asked each time.
        self._read = lru_cache(REMEMBERED)(self._principal_of)
        self._public_keys = {key_id: key.public_key() for key_id, key in keys.items()}

    def sign(self, principal: Principal) -> str:
        """A token for this principal, valid until `principal.expires_at`."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": principal.user_id,
            "iat": int(self._now().timestamp()),
            "exp": int(principal.expires_at.timestamp()),
            "jti": new_id(),
            "sid": principal.session_id,
            "roles": list(principal.roles),
            "memberships": list(principal.memberships),
            "posts": [[post.provider_id, post.role, post.staff_id] for post in principal.posts],
            "locale": principal.locale,
            "ver": principal.token_version,
        }
        return jwt.encode(claims, self._signing_key, ALGORITHM, headers={"kid": self._signing_id})

    def verify(self, token: str) -> Principal:
        """Read a token. Raises `token_expired`, and `token_invalid` for every other fault."""
        principal = self._read(token)
        if principal.expires_at <= self._now():
            raise token_expired()
        return principal

    def _principal_of(self, token: str) -> Principal:
        try:
            if len(token) > MAX_TOKEN_LENGTH:
                raise token_invalid()
            key = self._public_keys[jwt.get_unverified_header(token).get("kid", "")]
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                # The clock is handed in, so that expiry is decided by it alone.
                options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False},
            )
            return _principal(claims)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            raise token_invalid() from None

    def key_set(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517, RFC 8037)."""
        return {
            "keys": [
                {**_public_jwk(key), "kid": key_id, "use": "sig", "alg": ALGORITHM}
                for key_id, key in self._public_keys.items()
            ]
        }


def _principal(claims: Mapping[str, Any]) -> Principal:
    if not is_id(claims["sub"]) or not is_id(claims["sid"]):
        raise ValueError("not our ids")
    return Principal(
        user_id=claims["sub"],
        session_id=claims["sid"],
        roles=tuple(map(str, claims["roles"])),
        memberships=tuple(map(str, claims["memberships"])),
        locale=str(claims["locale"]),
        token_version=int(claims["ver"]),
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
        posts=tuple(Post(*map(str, entry)) for entry in claims.get("posts", ())),
    )


def _load_keys(text: str) -> dict[str, Ed25519PrivateKey]:
    keys: dict[str, Ed25519PrivateKey] = {}
    for pem in _PEM.findall(text.replace("\\n", "\n")):
        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except ValueError:
            raise SettingsError("JWT_PRIVATE_KEY holds a key that can't be read") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingsError("JWT_PRIVATE_KEY holds a key that is not Ed25519")
        keys[_thumbprint(key.public_key())] = key
    if not keys:
        raise SettingsError("JWT_PRIVATE_KEY holds no private key in PEM (PKCS 8)")
    return keys


def _public_jwk(key: Ed25519PublicKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(key.public_bytes(Encoding.Raw, PublicFormat.Raw))}


def _thumbprint(key: Ed25519PublicKey) -> str:
    """RFC 7638: the same key has the same id in every process."""
    text = json.dumps(_public_jwk(key), separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(text.encode()).digest())


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
