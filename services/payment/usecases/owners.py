"""Who may see a provider's money and say where it goes (promise H2, rule B11)."""

from shared.contracts.declaration import Caller
from shared.errors import forbidden, not_found


def check_owner(caller: Caller, provider_id: str) -> None:
    """Pass the provider's owners, and administrators.

    Raises `not_found` for those who do not act for it, `forbidden` for its staff: what all of them earn is
    not theirs to see, and whoever gets Stripe's page may name a bank account of their own. A member of whom
    it is not known as what is none of the owners.
    """
    if caller.is_admin:
        return
    if not caller.acts_for(provider_id):
        raise not_found()
    if not caller.owns(provider_id):
        raise forbidden()
