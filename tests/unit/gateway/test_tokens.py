"""Access tokens: only ours, only in time."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from services.gateway.accounts.tokens import LIFETIME, AccessTokens, Principal
from shared.contracts.declaration import Post
from shared.errors import ServiceError
from shared.ids import new_id
from shared.settings import SettingsError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def principal() -> Principal:
    provider_id = new_id()
    return Principal(
        user_id=new_id(),
        session_id=new_id(),
        roles=("customer", "provider"),
        memberships=(provider_id,),
        posts=(Post(provider_id, "staff", new_id()),),
        locale="ar",
        token_version=3,
        expires_at=NOW + LIFETIME,
    )


def _refusal(tokens: AccessTokens, token: str) -> str:
    with pytest.raises(ServiceError) as refusal:
        tokens.verify(token)
    return refusal.value.code


def test_a_token_says_what_was_signed(key: Ed25519PrivateKey, principal: Principal) -> None:
    """promise H1"""
    tokens = AccessTokens(_pem(key), lambda: NOW)
    assert tokens.verify(tokens.sign(principal)) == principal


def test_a_token_of_the_release_before_tells_no_posts(key: Ed25519PrivateKey, principal: Principal) -> None:
    """promise I3: it signs its account in still; rights that a post gives wait for the next token."""
    tokens = AccessTokens(_pem(key), lambda: NOW)
    claims = jwt.decode(tokens.sign(principal), options={"verify_signature": False})
    del claims["posts"]
    [jwk] = tokens.key_set()["keys"]
    older = jwt.encode(claims, key, "EdDSA", headers={"kid": jwk["kid"]})
    assert tokens.verify(older) == replace(principal, posts=())


def test_a_token_ends_to_the_second(key: Ed25519PrivateKey, principal: Principal) -> None:
    """Also in a process that has read it before."""
    clock = [NOW]
    tokens = AccessTokens(_pem(key), lambda: clock[0])
    token = tokens.sign(principal)
    for moment in (NOW, NOW + LIFETIME - timedelta(seconds=1)):
        clock[0] = moment
        assert tokens.verify(token) == principal
    clock[0] = NOW + LIFETIME
    assert _refusal(tokens, token) == "token_expired"


def test_another_key_signs_nothing_that_we_believe(key: Ed25519PrivateKey, principal: Principal) -> None:
    tokens = AccessTokens(_pem(key), lambda: NOW)
    foreign = AccessTokens(_pem(Ed25519PrivateKey.generate()), lambda: NOW)
    assert _refusal(tokens, foreign.sign(principal)) == "token_invalid"
    own_id = jwt.get_unverified_header(tokens.sign(principal))["kid"]
    claims = jwt.decode(tokens.sign(principal), options={"verify_signature": False})
    forged = jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": own_id})
    assert _refusal(tokens, forged) == "token_invalid"


def test_no_other_algorithm_is_believed(key: Ed25519PrivateKey, principal: Principal) -> None:
    """Neither `none` nor our public key taken for a secret."""
    tokens = AccessTokens(_pem(key), lambda: NOW)
    own_id = jwt.get_unverified_header(tokens.sign(principal))["kid"]
    claims = jwt.decode(tokens.sign(principal), options={"verify_signature": False})
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert _refusal(tokens, jwt.encode(claims, public, "HS256", headers={"kid": own_id})) == "token_invalid"
    assert _refusal(tokens, jwt.encode(claims, "", "none", headers={"kid": own_id})) == "token_invalid"


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "other"},
        {"iss": "other"},
        {"sub": "1"},
        {"sid": None},
        {"roles": None},
        {"exp": "soon"},
        {"ver": "x"},
    ],
)
def test_every_claim_counts(key: Ed25519PrivateKey, principal: Principal, change: dict[str, object]) -> None:
    tokens = AccessTokens(_pem(key), lambda: NOW)
    header = jwt.get_unverified_header(tokens.sign(principal))
    claims = jwt.decode(tokens.sign(principal), options={"verify_signature": False}) | change
    payload = ".".join(_part(part) for part in (header, claims))
    signature = base64.urlsafe_b64encode(key.sign(payload.encode())).rstrip(b"=").decode()
    assert _refusal(tokens, f"{payload}.{signature}") == "token_invalid"


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "." * 50, "x" * 100_000])
def test_nonsense_is_refused(key: Ed25519PrivateKey, token: str) -> None:
    assert _refusal(AccessTokens(_pem(key), lambda: NOW), token) == "token_invalid"


def test_keys_can_be_rotated(key: Ed25519PrivateKey, principal: Principal) -> None:
    """The first key signs, all verify, and the page shows all, so that no session is lost."""
    token = AccessTokens(_pem(key), lambda: NOW).sign(principal)
    newer = Ed25519PrivateKey.generate()
    both = AccessTokens((_pem(newer) + _pem(key)).replace("\n", "\\n"), lambda: NOW)
    assert both.verify(token) == principal
    assert both.verify(both.sign(principal)) == principal
    shown = {entry["kid"]: entry for entry in both.key_set()["keys"]}
    assert jwt.get_unverified_header(token)["kid"] in shown
    assert jwt.get_unverified_header(both.sign(principal))["kid"] in shown
    assert not any("d" in entry for entry in shown.values())
    anyone = jwt.PyJWK(shown[jwt.get_unverified_header(token)["kid"]])
    assert jwt.decode(
        token, anyone, ["EdDSA"], audience="care", options={"verify_exp": False, "verify_iat": False}
    )


def test_a_key_of_another_kind_stops_the_process() -> None:
    rsa = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for text in ("", "nonsense", rsa.decode()):
        with pytest.raises(SettingsError):
            AccessTokens(text, lambda: NOW)
