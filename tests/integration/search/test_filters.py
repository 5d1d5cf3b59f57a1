"""What is found and in which order, by each filter alone and together."""

from dataclasses import replace

import pytest

from services.search.domain.catalogue import Texts
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.geo import Point, great_circle_km
from tests.integration.search.making import MASSAGE, NURSING, Finder, provider, service


@pytest.fixture
def finder(transaction: Transaction) -> Finder:
    return Finder(transaction)


def test_text_finds_names_services_categories_and_cities(finder: Finder) -> None:
    """promise B1: providers and services by text; every word has to be found."""
    finder.publish(
        provider("Harbor Care", service("Swedish relaxation")),
        provider("Quiet Hands", service("Wound dressing", kind=NURSING), city="London"),
    )
    assert finder.names(query="harbour OR harbor") == ["Harbor Care"]
    assert finder.names(query="Swedish") == ["Harbor Care"]
    assert finder.names(query="massages") == ["Harbor Care"]
    assert finder.names(query="nursing london") == ["Quiet Hands"]
    assert finder.names(query="nursing york") == []
    assert finder.names(query='"wound dressing" -harbor') == ["Quiet Hands"]
    assert finder.names(query="?!") == []
    assert len(finder.names(query="  ")) == 2


def test_a_name_counts_more_than_a_description(finder: Finder) -> None:
    """promise B1: sorted by relevance."""
    finder.publish(
        provider("Quiet Hands", service("Visit", kind=NURSING, description="Also reflexology.")),
        provider("Reflexology House", service("Reflexology", kind=NURSING)),
    )
    assert finder.names(query="reflexology") == ["Reflexology House", "Quiet Hands"]


def test_all_that_match_are_named_when_they_are_asked_for(finder: Finder) -> None:
    """promise B1: shown are ten, for a free date all of them count; nothing that does not match."""
    massages = [service(f"Massage {number:02d}", 1000 + number) for number in range(12)]
    finder.publish(provider("Harbor Care", service("Injection", 500, NURSING), *massages))
    (shown,) = finder.find(query="massage")
    assert (len(shown["services"]), "service_ids" in shown) == (10, False)
    (named,) = finder.find(query="massage", with_service_ids=True)
    assert named["services"] == shown["services"]
    assert named["service_ids"] == [one.id for one in massages]


def test_only_matching_services_are_shown_and_priced(finder: Finder) -> None:
    """promise B1: 'from' is the price of what was looked for, the cheapest first."""
    finder.publish(
        provider(
            "Harbor Care",
            service("Injection", 2000, NURSING),
            service("Deep tissue massage", 15000),
            service("Back massage", 6000),
        )
    )
    (by_text,) = finder.find(query="massage")
    assert [one["name"]["en"] for one in by_text["services"]] == ["Back massage", "Deep tissue massage"]
    assert by_text["from_price"] == {"amount": 6000, "currency": "USD"}
    (by_name,) = finder.find(query="harbor")
    assert by_name["from_price"]["amount"] == 2000
    assert len(by_name["services"]) == 3
    (by_category,) = finder.find(query="harbor", category="massage")
    assert by_category["from_price"]["amount"] == 6000


def test_a_hit_shows_ten_services_at_most(finder: Finder) -> None:
    finder.publish(provider("Harbor Care", *(service(f"Massage {number}", number) for number in range(30))))
    (found,) = finder.find()
    assert [one["list_price"]["amount"] for one in found["services"]] == list(range(10))


def test_category(finder: Finder) -> None:
    """promise B1: by category; an unknown one is a mistake of the client, not an empty page."""
    finder.publish(provider("A", service("a")), provider("B", service("b", kind=NURSING)))
    assert finder.names(category="massage") == ["A"]
    assert finder.names(category="home-nursing") == ["B"]
    with pytest.raises(ServiceError, match="validation_failed") as refused:
        finder.names(category="no-such")
    assert set(refused.value.details["errors"]) == {"category"}


@pytest.mark.parametrize(
    ("centre", "near", "far"),
    [
        (Point(40.7128, -74.0060), Point(40.7628, -74.0060), Point(40.8128, -74.0060)),
        (Point(-17.0, 179.99), Point(-17.0, -179.97), Point(-17.0, -179.80)),
        (Point(-17.0, -180.0), Point(-17.0, 180.0), Point(-17.0, 179.80)),
        (Point(89.99, 0.0), Point(89.97, 180.0), Point(89.85, 180.0)),
        (Point(90.0, 0.0), Point(89.95, -120.0), Point(89.90, 60.0)),
        (Point(-90.0, 0.0), Point(-89.95, 33.0), Point(-89.80, 33.0)),
        # within the box of latitudes and longitudes, but outside of the circle
        (Point(0.0, 0.0), Point(0.05, 0.05), Point(0.08, 0.08)),
    ],
)
def test_radius_is_a_great_circle_everywhere(finder: Finder, centre: Point, near: Point, far: Point) -> None:
    """rule B15: antimeridian, poles, and no corners of a box."""
    finder.publish(provider("Near", location=near), provider("Far", location=far))
    here = {"latitude": centre.latitude, "longitude": centre.longitude}
    assert finder.names(radius_km=10, **here) == ["Near"]
    assert finder.names(radius_km=100, sort="distance", **here) == ["Near", "Far"]
    for found, place in zip(finder.find(sort="distance", **here), (near, far), strict=True):
        assert found["distance_km"] == pytest.approx(great_circle_km(centre, place), abs=0.001)


def test_the_radius_is_exact_to_a_metre(finder: Finder) -> None:
    """rule B15: the edge belongs to the circle, a metre more does not."""
    finder.publish(provider("A", location=Point(40.8, -74.0)))
    here = {"latitude": 40.7, "longitude": -74.1}
    distance = great_circle_km(Point(40.7, -74.1), Point(40.8, -74.0))
    assert finder.names(radius_km=distance + 0.001, **here) == ["A"]
    assert finder.names(radius_km=distance - 0.001, **here) == []


def test_prices_bound_the_cheapest_matching_service(finder: Finder) -> None:
    """promise B1: by price, in one currency."""
    finder.publish(
        provider("Cheap", service("c1", 3000), service("c2", 9000, NURSING)),
        provider("Dear", service("d1", 9000)),
        provider("Pounds", service("p1", 3000, currency="GBP")),
    )
    assert finder.names(max_price=3000, currency="USD") == ["Cheap"]
    assert finder.names(min_price=3001, currency="USD") == ["Dear"]
    assert finder.names(min_price=3001, currency="USD", category="home-nursing") == ["Cheap"]
    assert finder.names(min_price=9001, currency="USD", query="massage") == []
    assert finder.names(currency="GBP") == ["Pounds"]
    assert finder.names(min_price=0, max_price=10**15, currency="KWD") == []


def test_rating(finder: Finder) -> None:
    """promise B1: by the rating that is shown; who has none is not found by a minimum."""
    finder.publish(provider("Good", ratings=(5, 5, 4)), provider("Fair", ratings=(3, 4)), provider("Unknown"))
    assert finder.names(min_rating=4.67) == ["Good"]
    assert finder.names(min_rating=4.68) == []
    assert set(finder.names(min_rating=0)) == {"Good", "Fair", "Unknown"}
    assert finder.names(sort="rating") == ["Good", "Fair", "Unknown"]


def test_sorted_by_price_each_currency_in_turn(finder: Finder) -> None:
    """promise B1: sorted by price; amounts of two currencies are never compared."""
    finder.publish(
        provider("Dollars 2", service("a", 200)),
        provider("Pounds 150", service("b", 150, currency="GBP")),
        provider("Dollars 1", service("c", 100)),
        provider("Yen 1", service("d", 1, currency="JPY")),
    )
    expected = ["Pounds 150", "Yen 1", "Dollars 1", "Dollars 2"]
    assert finder.names(sort="price") == expected
    assert finder.names(sort="price", query="massage") == expected


def test_all_filters_together(finder: Finder) -> None:
    """promise B1: what fails one of them is not found."""
    here = {"latitude": 40.7128, "longitude": -74.0060}
    fits = {"ratings": (5,)}
    finder.publish(
        provider("Fits", service("Deep massage", 5000), **fits),
        provider("Far", service("Deep massage 2", 5000), location=Point(41.7, -74.0), **fits),
        provider("Dear", service("Deep massage 3", 50000), **fits),
        provider("Poor", service("Deep massage 4", 5000), ratings=(1,)),
        provider("Nurse", service("Deep care", 5000, NURSING), **fits),
        provider("Other", service("Back massage", 5000), **fits),
    )
    wanted = {"query": "deep", "category": "massage", "radius_km": 10, "min_rating": 4.0, **here}
    for sort in ("relevance", "distance", "rating", "price"):
        assert finder.names(max_price=9000, currency="USD", sort=sort, **wanted) == ["Fits"]


def test_who_offers_nothing_is_not_found(finder: Finder) -> None:
    finder.publish(provider("Harbor Care", service("a")))
    finder.publish(replace(provider("Harbor Care"), services=()))
    assert finder.names() == []
    assert finder.names(query="harbor") == []


def test_arabic_finds_arabic_and_english_names(finder: Finder) -> None:
    """rule B17: an Arabic query finds by any spelling, and by the category who has no Arabic name."""
    finder.publish(
        replace(
            provider("Cedar", service("x", kind=NURSING, ar="إعطاء الحُقَن")),
            name=Texts("Cedar", "مركز الأرز"),
        ),
        provider("Harbor Massage", service("Deep tissue")),
    )
    assert finder.names(query="الارز") == finder.names(query="أرز") == ["Cedar"]
    assert finder.names(query="حقن") == finder.names(query="اعطاء الحقن") == ["Cedar"]
    assert finder.names(query="تَدْلِيك") == finder.names(query="التدليـــك") == ["Harbor Massage"]
    assert finder.names(query="massages تدليك") == ["Harbor Massage"]
    (shown,) = finder.find(query="أرز")
    assert shown["name"] == {"en": "Cedar", "ar": "مركز الأرز"}
    assert shown["services"][0]["name"]["ar"] == "إعطاء الحُقَن"


@pytest.mark.parametrize(
    "query",
    ["\x00", "a\x00b", "\ud800", "'; DROP TABLE provider; --", "a & | ! b", '"', "(", "%s %(a)s :b"],
)
def test_nothing_that_is_typed_breaks_the_query(finder: Finder, query: str) -> None:
    finder.publish(provider("Harbor Care"))
    assert finder.names(query=query) == []
    assert finder.names(category=MASSAGE.slug) == ["Harbor Care"]
