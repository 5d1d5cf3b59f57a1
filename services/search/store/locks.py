"""The only place of search that locks rows before changing them."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from services.search.store.tables import provider


def lock_providers(connection: Connection, provider_ids: Iterable[str]) -> None:
    """Lock the rows of providers until the transaction ends, in the order of their ids.

    Whoever writes a provider's services or reviews holds it, so that what is computed from them
    (rating, document, cheapest price) sees every one that is committed.
    """
    connection.execute(
        select(provider.c.id)
        .where(provider.c.id.in_(list(provider_ids)))
        .order_by(provider.c.id)
        .with_for_update()
    ).all()
