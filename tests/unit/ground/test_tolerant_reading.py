"""Consumers are tolerant: a peer of a newer release may say more, at any depth of a message."""

from shared.contracts.declaration import read
from shared.contracts.search import CategoriesSchema

CATEGORY_ID = "019b77cd-84f7-7c7a-a0e8-61b4e95b309c"


def test_unknown_members_are_left_out_at_every_depth() -> None:
    name = {"en": "Massage", "ar": "التدليك"}
    category = {"category_id": CATEGORY_ID, "slug": "massage", "name": name}
    newer = {"categories": [{**category, "icon": "hand", "name": {**name, "ja": "マッサージ"}}], "count": 1}
    assert read(CategoriesSchema, newer) == {"categories": [category]}
