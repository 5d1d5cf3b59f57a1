"""What locust reads: `locust -f tests/load/locustfile.py Visitor Customer Provider`; `make load` does it."""

from tests.load.customer import Customer
from tests.load.provider import Provider
from tests.load.visitor import Visitor

__all__ = ["Customer", "Provider", "Visitor"]
