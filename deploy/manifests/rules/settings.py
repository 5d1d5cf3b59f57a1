"""That what a pod is told is what its service reads, and that ports and addresses meet."""

import dataclasses
from collections.abc import Iterator
from urllib.parse import urlsplit

from deploy.local.setup.example_environment import settings_of
from deploy.manifests.documents import Rendering, Workload, secret_references, title
from services.gateway.settings import GatewaySettings
from shared.settings import Profile, SettingsError, WorkerSettings, load

OF_LIBRARIES = {"PGSSLMODE", "PGSSLROOTCERT"}
"""Read by PostgreSQL's client library, not by a settings.py: the server's certificate is checked."""
PROFILES = {"local": Profile.LOCAL}
"""Elsewhere production: staging is as strict as what it stands for."""
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a pod is reached at the address it was given
NEVER_HERE = {"STRIPE_API_BASE", "STANDIN_URL", "TAP_API_BASE", "STRIPE_REQUEST_RECORD"}
"""Of the stand-in and of tests."""
OF_MADA = {"TAP_SECRET_KEY", "TAP_WEBHOOK_URL", "TAP_RETURN_URL", "TAP_CONTACT_EMAIL"}
"""All or none: parts/mada."""
MAY_BE_LEFT_OUT = {"TAP_MERCHANT_ID"}
OF_AN_ENVIRONMENT = {"PLATFORM_COUNTRY", "ONBOARDING_URL"}
"""What its owner alone knows: without it no carer can open an account to be paid by."""
FROM_A_SECRET = "from-a-secret"  # noqa: S105 - stands for it while settings are read


def settings_are_read(rendering: Rendering) -> Iterator[str]:
    """Each required setting is given, none is unknown, each can be read; secret ones come from Secrets."""
    for workload in rendering.deployments():
        kind = settings_of(str(workload.service))
        for container in workload.all_containers:
            known = {field.metadata["name"] for field in dataclasses.fields(kind)} | OF_LIBRARIES
            for name in sorted(set(rendering.settings(container)) - known):
                yield f"{workload}: {container['name']} is given {name}, which nothing reads"
        given = rendering.settings(workload.containers[0])
        try:
            load(kind, {name: FROM_A_SECRET if value is None else value for name, value in given.items()})
        except SettingsError as error:
            yield f"{workload}: {error}"
        yield from _secrets_in_the_open(workload, rendering)


def every_setting_is_decided(rendering: Rendering) -> Iterator[str]:
    """A service's own settings are all given, so that a new one is decided where it is deployed."""
    of_all = {field.metadata["name"] for field in dataclasses.fields(WorkerSettings)}
    for workload in rendering.deployments():
        kind = settings_of(str(workload.service))
        own = {field.metadata["name"] for field in dataclasses.fields(kind)} - of_all
        given = set(rendering.settings(workload.containers[0]))
        mada = set() if given & OF_MADA else OF_MADA
        for name in sorted(own - given - NEVER_HERE - MAY_BE_LEFT_OUT - mada):
            yield f"{workload}: {name} is not decided"
        for name in sorted(given & NEVER_HERE):
            yield f"{workload}: is given {name}, which is for tests and the stand-in"


def carers_can_be_paid(rendering: Rendering) -> Iterator[str]:
    """Their accounts are opened from a page that is behind the environment's own door."""
    hosts = {rule["host"] for door in rendering.of_kind("Ingress") for rule in door["spec"]["rules"]}
    for workload in rendering.deployments() if rendering.environment else ():
        given = rendering.settings(workload.containers[0])
        if workload.service != "payment":
            continue
        for name in sorted(OF_AN_ENVIRONMENT):
            if not given.get(name):
                yield f"{workload}: {name} is empty"
        page = urlsplit(given.get("ONBOARDING_URL") or "")
        if page.scheme != "https" or (hosts and page.hostname not in hosts):
            yield f"{workload}: ONBOARDING_URL leads past the door"


def secrets_are_there(rendering: Rendering) -> Iterator[str]:
    """A pod without one of its Secrets does not start: payments, for one, would be off unnoticed."""
    for workload in rendering.deployments():
        for entry in workload.containers[0].get("env", ()):
            reference = entry.get("valueFrom", {}).get("secretKeyRef", {})
            if reference.get("optional") and rendering.environment != "local":
                yield f"{workload}: starts without {entry['name']}"


def databases_prove_who_they_are(rendering: Rendering) -> Iterator[str]:
    """The connection is encrypted, and the server's certificate is checked by our own authority's."""
    for workload in rendering.workloads():
        for container in workload.all_containers if workload.service else ():
            given = rendering.settings(container)
            path = given.get("PGSSLROOTCERT") or ""
            mounts = [mount["mountPath"] for mount in container.get("volumeMounts", ())]
            if given.get("PGSSLMODE") != "verify-full" or path.rpartition("/")[0] not in mounts:
                yield f"{workload}: {container['name']} does not check its database's certificate"


def ports_meet(rendering: Rendering) -> Iterator[str]:
    """The port that a process listens on is the port that is declared, probed, and led to."""
    for workload in rendering.deployments():
        container = workload.containers[0]
        given = rendering.settings(container)
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
        wanted = {"health": int(given.get("HEALTH_PORT") or 0)}
        hosts = [given.get("HEALTH_HOST")]
        if workload.service == "gateway":
            wanted["http"] = int(given.get("GATEWAY_PORT") or GatewaySettings.port)
            hosts.append(given.get("GATEWAY_HOST"))
        if ports != wanted:
            yield f"{workload}: declares the ports {ports} and listens on {wanted}"
        if set(hosts) != {EVERYWHERE}:
            yield f"{workload}: listens where only its own pod reaches it"


def services_lead_to_a_port(rendering: Rendering) -> Iterator[str]:
    for service in rendering.of_kind("Service"):
        selector = service["spec"].get("selector", {})
        ports = {
            port["name"]
            for workload in rendering.workloads()
            if selector.items() <= workload.labels.items()
            for port in workload.containers[0].get("ports", ())
        }
        for port in service["spec"]["ports"]:
            if port.get("targetPort") not in ports:
                yield f"{title(service)}: leads to {port.get('targetPort')}, which is no port"


def profiles_fit_their_environment(rendering: Rendering) -> Iterator[str]:
    expected = PROFILES.get(rendering.environment or "", Profile.PRODUCTION)
    for workload in rendering.deployments():
        found = rendering.settings(workload.containers[0]).get("PROFILE")
        if found != expected:
            yield f"{workload}: runs with the profile {found} instead of {expected}"


def clients_are_known_by_their_address(rendering: Rendering) -> Iterator[str]:
    """Behind an Ingress every request would come from one address, and one limit would hold for all."""
    for workload in rendering.deployments():
        if workload.service == "gateway" and rendering.environment:
            proxies = rendering.settings(workload.containers[0]).get("TRUSTED_PROXIES")
            if not proxies:
                yield f"{workload}: TRUSTED_PROXIES is empty"
            elif "/0" in proxies:
                yield f"{workload}: TRUSTED_PROXIES believes everybody"


def the_door_is_encrypted(rendering: Rendering) -> Iterator[str]:
    """An Ingress has a certificate for each of its hosts."""
    for ingress in rendering.of_kind("Ingress"):
        hosts = {rule.get("host") for rule in ingress["spec"].get("rules", ())}
        covered = {host for entry in ingress["spec"].get("tls", ()) for host in entry.get("hosts", ())}
        if not hosts or None in hosts or hosts - covered:
            yield f"{title(ingress)}: has a host without TLS"


def the_door_leads_to_the_gateway(rendering: Rendering) -> Iterator[str]:
    services = {
        (service["metadata"]["name"], port.get("name"))
        for service in rendering.of_kind("Service")
        for port in service["spec"]["ports"]
    }
    for ingress in rendering.of_kind("Ingress"):
        for rule in ingress["spec"].get("rules", ()):
            for path in rule.get("http", {}).get("paths", ()):
                backend = path["backend"]["service"]
                if (backend["name"], backend["port"].get("name")) not in services:
                    yield f"{title(ingress)}: leads to {backend['name']}, which is not there"
    has_gateway = any(workload.service == "gateway" for workload in rendering.deployments())
    if rendering.environment and has_gateway and not rendering.of_kind("Ingress"):
        yield "the gateway has no Ingress"


def _secrets_in_the_open(workload: Workload, rendering: Rendering) -> Iterator[str]:
    """A secret setting that is given comes from a Secret of this service, or of what it shares."""
    container = workload.containers[0]
    secret = {
        field.metadata["name"]
        for field in dataclasses.fields(settings_of(str(workload.service)))
        if field.metadata["secret"]
    }
    for name, value in rendering.settings(container).items():
        if name in secret and value is not None:
            yield f"{workload}: {name} is written down instead of taken from a Secret"
    for name, source, _ in secret_references(container):
        if not source.startswith(f"{workload.service}-") and name != "REDIS_URL":
            yield f"{workload}: {name} comes from the Secret {source} of somebody else"


RULES = (
    settings_are_read,
    every_setting_is_decided,
    carers_can_be_paid,
    secrets_are_there,
    databases_prove_who_they_are,
    ports_meet,
    services_lead_to_a_port,
    profiles_fit_their_environment,
    clients_are_known_by_their_address,
    the_door_is_encrypted,
    the_door_leads_to_the_gateway,
)
