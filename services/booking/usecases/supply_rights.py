"""Who may change what of a provider's supply, and in what part (promise H2, rules B11 and C12)."""

from dataclasses import dataclass

from services.booking.domain.states import Actor
from shared.contracts.declaration import Caller, Post
from shared.errors import forbidden, invalid_field, not_found


@dataclass(frozen=True, slots=True)
class Right:
    """As what somebody changes a supply; one of the staff only what is `only_staff_id`'s."""

    actor: Actor
    only_staff_id: str | None = None

    def check(self, staff_id: str | None) -> None:
        """Raise `forbidden` unless a change of this person's time, or of all (None), is theirs to make."""
        if self.only_staff_id is not None and staff_id != self.only_staff_id:
            raise forbidden()


def by_right(caller: Caller, provider_id: str, override_reason: str | None) -> Right:
    """The owner changes all, one of the staff own hours and time off, an administrator all with a reason.

    Raises `not_found` for everybody else, `forbidden` for a member of whom it is not known as what, and
    `validation_failed` for an administrator who gives no reason.
    """
    if caller.acts_for(provider_id):
        if caller.owns(provider_id):
            return Right(Actor.PROVIDER)
        if not caller.is_admin:
            return Right(Actor.PROVIDER, _own_staff_id(caller.post_at(provider_id)))
    if not caller.is_admin:
        raise not_found()
    if not (override_reason or "").strip():
        raise invalid_field("override_reason", "Say why.")
    return Right(Actor.ADMIN)


def check_may_look_back(caller: Caller, provider_id: str) -> None:
    """The owner and administrators may know who has changed what: raises `forbidden` for other members,
    `not_found` for everybody else."""
    if caller.is_admin:
        return
    if not caller.acts_for(provider_id):
        raise not_found()
    if not caller.owns(provider_id):
        raise forbidden()


def _own_staff_id(post: Post | None) -> str:
    if post is None or not post.staff_id:
        raise forbidden()
    return post.staff_id
