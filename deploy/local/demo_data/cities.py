"""The seven cities of the demo world: real districts with their coordinates, zones and currencies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class District:
    """A part of a city; the coordinates are of its centre (WGS 84, degrees)."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class City:
    """A city; `price_step` and `price_per_100_usd` are in minor units of `currency`."""

    name: str
    country: str
    continent: str
    time_zone: str
    currency: str
    price_per_100_usd: int
    price_step: int
    languages: tuple[str, ...]
    weekend: tuple[int, ...]
    providers: int
    streets: tuple[str, ...]
    districts: tuple[District, ...]


CITIES = (
    City(
        name="New York",
        country="US",
        continent="North America",
        time_zone="America/New_York",
        currency="USD",
        price_per_100_usd=10_000,
        price_step=500,
        languages=("en", "es"),
        weekend=(6, 7),
        providers=60,
        streets=("Fulton Street", "Bleecker Street", "Lexington Avenue", "Amsterdam Avenue", "Court Street"),
        districts=(
            District("Financial District", 40.7075, -74.0090),
            District("Greenwich Village", 40.7336, -74.0027),
            District("Chelsea", 40.7465, -74.0014),
            District("Upper East Side", 40.7736, -73.9566),
            District("Upper West Side", 40.7870, -73.9754),
            District("Harlem", 40.8116, -73.9465),
            District("Brooklyn Heights", 40.6960, -73.9933),
            District("Williamsburg", 40.7120, -73.9520),
            District("Astoria", 40.7644, -73.9235),
        ),
    ),
    City(
        name="Los Angeles",
        country="US",
        continent="North America",
        time_zone="America/Los_Angeles",
        currency="USD",
        price_per_100_usd=9_500,
        price_step=500,
        languages=("en", "es"),
        weekend=(6, 7),
        providers=40,
        streets=("Wilshire Boulevard", "Melrose Avenue", "Sunset Boulevard", "Figueroa Street"),
        districts=(
            District("Downtown", 34.0407, -118.2468),
            District("Hollywood", 34.0980, -118.3295),
            District("Koreatown", 34.0618, -118.3000),
            District("Silver Lake", 34.0869, -118.2702),
            District("Culver City", 34.0211, -118.3965),
            District("Pasadena", 34.1478, -118.1445),
        ),
    ),
    City(
        name="London",
        country="GB",
        continent="Europe",
        time_zone="Europe/London",
        currency="GBP",
        price_per_100_usd=7_800,
        price_step=500,
        languages=("en",),
        weekend=(6, 7),
        providers=50,
        streets=("High Street", "Church Road", "Park Lane", "Victoria Road", "Queen Street"),
        districts=(
            District("Marylebone", 51.5200, -0.1550),
            District("Islington", 51.5362, -0.1033),
            District("Camden Town", 51.5390, -0.1426),
            District("Kensington", 51.5010, -0.1932),
            District("Greenwich", 51.4786, -0.0106),
            District("Clapham", 51.4618, -0.1384),
            District("Hackney", 51.5450, -0.0553),
            District("Richmond", 51.4613, -0.3037),
        ),
    ),
    City(
        name="Riyadh",
        country="SA",
        continent="Asia",
        time_zone="Asia/Riyadh",
        currency="SAR",
        price_per_100_usd=30_000,
        price_step=1_000,
        languages=("ar", "en"),
        weekend=(5, 6),
        providers=50,
        streets=("Olaya Street", "Tahlia Street", "King Abdullah Road", "Takhassusi Street"),
        districts=(
            District("Al Olaya", 24.6910, 46.6853),
            District("Al Malaz", 24.6660, 46.7360),
            District("As Sulimaniyah", 24.7010, 46.7040),
            District("Al Yasmin", 24.8230, 46.6430),
            District("Hittin", 24.7620, 46.6010),
            District("Al Murabba", 24.6480, 46.7100),
        ),
    ),
    City(
        name="Kuwait City",
        country="KW",
        continent="Asia",
        time_zone="Asia/Kuwait",
        currency="KWD",
        price_per_100_usd=28_000,
        price_step=500,
        languages=("ar", "en"),
        weekend=(5, 6),
        providers=30,
        streets=("Salem Al Mubarak Street", "Fahad Al Salem Street", "Tunis Street", "Gulf Road"),
        districts=(
            District("Sharq", 29.3780, 47.9900),
            District("Salmiya", 29.3339, 48.0700),
            District("Hawally", 29.3328, 48.0286),
            District("Jabriya", 29.3210, 48.0240),
            District("Shuwaikh", 29.3510, 47.9440),
        ),
    ),
    City(
        name="Tokyo",
        country="JP",
        continent="Asia",
        time_zone="Asia/Tokyo",
        currency="JPY",
        price_per_100_usd=12_000,
        price_step=500,
        languages=("ja", "en"),
        weekend=(6, 7),
        providers=50,
        streets=("Omotesando", "Meiji-dori", "Yasukuni-dori", "Aoyama-dori", "Chuo-dori"),
        districts=(
            District("Shibuya", 35.6580, 139.7016),
            District("Shinjuku", 35.6938, 139.7036),
            District("Minato", 35.6580, 139.7514),
            District("Ueno", 35.7120, 139.7760),
            District("Setagaya", 35.6466, 139.6530),
            District("Kichijoji", 35.7030, 139.5800),
            District("Ikebukuro", 35.7295, 139.7109),
        ),
    ),
    City(
        name="Sydney",
        country="AU",
        continent="Australia",
        time_zone="Australia/Sydney",
        currency="AUD",
        price_per_100_usd=14_500,
        price_step=500,
        languages=("en",),
        weekend=(6, 7),
        providers=30,
        streets=("George Street", "Crown Street", "King Street", "Military Road"),
        districts=(
            District("Surry Hills", -33.8840, 151.2110),
            District("Newtown", -33.8980, 151.1790),
            District("Parramatta", -33.8150, 151.0010),
            District("Chatswood", -33.7960, 151.1830),
            District("Bondi Junction", -33.8930, 151.2480),
        ),
    ),
)
