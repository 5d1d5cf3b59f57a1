# ruff: noqa: N999 (gunicorn looks for this name)
"""How Stripe's stand-in is served: one process that keeps nothing on disk and knows where webhooks go."""

import importlib
import os

worker_class = "aiohttp.GunicornWebWorker"
workers = 1  # its state is in the process
control_socket_disable = True  # every gunicorn of a user would open the same one
graceful_timeout = 2


def post_worker_init(worker):
    """Configure the stand-in at each start, since it forgets everything.

    It would write its whole state to one fixed file of the temporary folder, which two clones or users share.
    """
    importlib.import_module("localstripe.resources").store.dump_to_disk = lambda: None
    importlib.import_module("localstripe.webhooks").register_webhook(
        "care-platform", os.environ["STANDIN_WEBHOOK_URL"], os.environ["STANDIN_WEBHOOK_SECRET"], None
    )
