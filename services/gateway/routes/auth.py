"""auth/*: opening an account, signing in and out, staying signed in."""

from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, fields, validate

from services.gateway import context
from services.gateway.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from services.gateway.accounts.registration import Registration, register
from services.gateway.accounts.sessions import SignedIn
from services.gateway.accounts.store import accounts
from services.gateway.accounts.store.accounts import Account
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.context import LANGUAGES
from services.gateway.problems import unauthenticated
from services.gateway.process import resources
from shared.contracts.declaration import Role
from shared.contracts.fields import Id, Instant
from shared.errors import invalid_field

blueprint = Blueprint("auth", __name__, url_prefix="/auth", description="Accounts and sessions")

NO_STORE = {"Cache-Control": "no-store"}
EMAIL_LENGTH = 254
"""RFC 5321, 4.5.3.1.3: a path of 256 octets with its angle brackets."""
TOKEN_LENGTH = 200


class RegisterBody(Schema):
    """A new customer."""

    email = fields.Email(required=True, validate=validate.Length(max=EMAIL_LENGTH))
    password = fields.String(
        required=True, validate=validate.Length(MIN_LENGTH, MAX_LENGTH), metadata={"format": "password"}
    )
    name = fields.String(
        required=True,
        validate=[validate.Length(1, 100), validate.Regexp(r"\s*\S", error="Must not be empty.")],
    )
    locale = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(LANGUAGES))
    time_zone = fields.String(data_key="timeZone", load_default="UTC", validate=validate.Length(1, 64))


class SignInBody(Schema):
    email = fields.String(required=True, validate=validate.Length(1, EMAIL_LENGTH))
    password = fields.String(
        required=True, validate=validate.Length(1, MAX_LENGTH), metadata={"format": "password"}
    )


class RefreshBody(Schema):
    refresh_token = fields.String(
        data_key="refreshToken", required=True, validate=validate.Length(1, TOKEN_LENGTH)
    )


class MembershipSchema(Schema):
    """The account acts for this provider."""

    provider_id = Id(required=True)
    role = fields.String(required=True, validate=validate.OneOf(("owner", "staff")))
    staff_id = Id(required=True, allow_none=True)


class AccountSchema(Schema):
    """An account as its owner sees it."""

    user_id = Id(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    locale = fields.String(required=True)
    time_zone = fields.String(required=True)
    roles = fields.List(fields.String(validate=validate.OneOf([role.value for role in Role])), required=True)
    memberships = fields.List(fields.Nested(MembershipSchema), required=True)
    created_at = Instant(required=True)


class SignedInSchema(Schema):
    """Send `accessToken` as a bearer token; trade `refreshToken` for a new pair, once."""

    user = fields.Nested(AccountSchema, required=True)
    token_type = fields.String(required=True)
    access_token = fields.String(required=True)
    access_expires_at = Instant(required=True)
    refresh_token = fields.String(required=True)
    refresh_expires_at = Instant(required=True)


class SignedOutSchema(Schema):
    signed_out = fields.Boolean(required=True)


@blueprint.post("/register")
@declares(Access.ANYONE, Budget.SIGN_IN)
@blueprint.body(RegisterBody)
@blueprint.answers(AccountSchema, "Welcome. You can sign in now.", 201)
def register_account(body: dict[str, Any]) -> Answer:
    """Open a customer's account."""
    if body["time_zone"] not in available_timezones():
        raise invalid_field("timeZone", "Not a time zone of the IANA database.")
    wanted = Registration(**{**body, "locale": body["locale"] or context.current().locale})
    account = register(resources().database.transaction, resources().passwords, wanted)
    return Answer(_account(account), 201, headers=NO_STORE)


@blueprint.post("/login")
@declares(Access.ANYONE, Budget.SIGN_IN)
@blueprint.body(SignInBody)
@blueprint.answers(SignedInSchema, "Signed in.")
def sign_in(body: dict[str, Any]) -> Answer:
    """Begin a session."""
    address = context.current().client_address
    return _signed_in(resources().sessions.sign_in(body["email"], body["password"], address))


@blueprint.post("/refresh")
@declares(Access.ANYONE, Budget.SESSION)
@blueprint.body(RefreshBody)
@blueprint.answers(SignedInSchema, "Session prolonged.")
def refresh(body: dict[str, Any]) -> Answer:
    """Trade a refresh token for a new pair. A second use of an old one ends the session."""
    return _signed_in(resources().sessions.refresh(body["refresh_token"]))


@blueprint.post("/logout")
@declares(Access.ANYONE, Budget.SESSION)
@blueprint.body(RefreshBody)
@blueprint.answers(SignedOutSchema, "Signed out.")
def sign_out(body: dict[str, Any]) -> Answer:
    """End the session of this refresh token; harmless to repeat."""
    resources().sessions.sign_out(body["refresh_token"])
    return Answer({"signed_out": True}, headers=NO_STORE)


@blueprint.get("/me")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.answers(AccountSchema, "Your account.")
def me() -> Answer:
    """The account that this token belongs to, as it is now."""
    with resources().database.transaction() as connection:
        account = accounts.find_by_id(connection, context.current().caller().user_id)
    if account is None or not account.active:
        raise unauthenticated()
    return Answer(_account(account), headers=NO_STORE)


def _account(account: Account) -> dict[str, Any]:
    return {
        "user_id": account.id,
        "email": account.email,
        "name": account.name,
        "locale": account.locale,
        "time_zone": account.time_zone,
        "roles": list(account.roles),
        "memberships": [
            {"provider_id": member.provider_id, "role": member.role, "staff_id": member.staff_id}
            for member in account.memberships
        ],
        "created_at": account.created_at,
    }


def _signed_in(value: SignedIn) -> Answer:
    return Answer(
        {
            "user": _account(value.account),
            "token_type": "Bearer",
            "access_token": value.access_token,
            "access_expires_at": value.access_expires_at,
            "refresh_token": value.refresh_token,
            "refresh_expires_at": value.refresh_expires_at,
        },
        headers=NO_STORE,
    )
