"""What a process of booking opens once."""

from services.booking.settings import BookingSettings
from shared.worker.resources import Resources


class BookingResources(Resources):
    """Database, outbox and settings."""

    settings_type = BookingSettings
    settings: BookingSettings
