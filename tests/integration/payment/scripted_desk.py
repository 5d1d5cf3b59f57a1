"""A desk of payment whose Stripe and booking are answered from this process's memory."""

from contextlib import nullcontext
from zoneinfo import ZoneInfo

from services.payment.clients.request_record import record_to
from services.payment.clients.stripe_gateway import StripeGateway, stripe_client
from services.payment.clients.stripe_webhooks import WebhookReader
from services.payment.settings import Mode, PaymentSettings
from services.payment.usecases.desk import Desk
from shared.database.transaction import Database
from shared.settings import Profile
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.standin import KEY, SECRET

NOWHERE = "http://127.0.0.1:1"
UTC = ZoneInfo("UTC")


def scripted_desk(
    database: Database, bookings: Bookings, mode: Mode = Mode.STAND_IN, zone: ZoneInfo = UTC
) -> Desk:
    """The database is real; requests are built by the real gateway and sent nowhere."""
    settings = PaymentSettings(
        profile=Profile.TEST,
        database_url="",
        amqp_uri="",
        stripe_secret_key=KEY,
        stripe_api_base=NOWHERE,
    )
    gateway = StripeGateway(stripe_client(settings), Mode.STAND_IN, nullcontext, record_to(""))
    return Desk(
        transaction=database.transaction,
        reading=database.reading,
        mode=mode,
        provider=ScriptedProvider(gateway),
        ask_booking=bookings.prepare,
        read_webhook=WebhookReader((SECRET,), Mode.STAND_IN),
        seconds_left=lambda: 15.0,
        resume_seconds=0,
        operator_zone=zone,
    )
