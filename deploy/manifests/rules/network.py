"""Who may talk to whom: by name, in both directions, and nobody else."""

import json
from collections.abc import Iterable, Iterator

from deploy.manifests.documents import (
    COMPONENT,
    NAME,
    SERVICES,
    Manifest,
    Rendering,
    Workload,
    selects,
    title,
)

BOTH = ["Egress", "Ingress"]
PRIVATE = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
"""Networks that Stripe is not in: the cluster's own, the provider's, and the address of its metadata."""

OF_OPERATORS = ("database", "broker")

CALLERS = {
    **{f"{service}-database": {service} for service in SERVICES},
    "broker": {*SERVICES, "broker"},
    "redis": {"gateway"},
    "collector": set(SERVICES),
    "jaeger": {"collector"},
}

Line = tuple[str, tuple[str, ...]]
"""A peer and the ports that are open to it, both in a form that can be compared."""


def _pods(**labels: str) -> Manifest:
    names = {"name": "app.kubernetes.io/name", "component": "app.kubernetes.io/component"}
    return {"podSelector": {"matchLabels": {names[key]: value for key, value in labels.items()}}}


def _namespace(name: str) -> Manifest:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


BROKER = _pods(name="broker", component="rabbitmq")
REDIS = _pods(name="redis")
COLLECTOR = _pods(name="collector")
DNS = _namespace("kube-system") | {"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
PROMETHEUS = _namespace("monitoring") | _pods(name="prometheus")
INGRESS = _namespace("ingress")
INTERNET = "internet"


def _database(service: str) -> Manifest:
    return {"podSelector": {"matchLabels": {"cnpg.io/cluster": f"{service}-database"}}}


def _line(peer: Manifest | str, *ports: int | str, protocol: str = "TCP") -> Line:
    name = peer if isinstance(peer, str) else json.dumps(peer, sort_keys=True)
    return name, tuple(sorted(f"{protocol} {port}" for port in ports))


def _outgoing(load: Workload) -> set[Line]:
    """What one of our pods may reach: its own database, what it needs besides, and names."""
    service = str(load.service)
    dns = (_line(DNS, 53)[0], ("TCP 53", "UDP 53"))
    lines = {_line(_database(service), 5432), dns}
    if load.kind == "Job":
        return lines
    lines |= {_line(BROKER, 5672), _line(COLLECTOR, 4318)}
    if service == "gateway":
        lines.add(_line(REDIS, 6379))
    if service == "payment":
        lines.add(_line(INTERNET, 443))
    return lines


def _incoming(load: Workload) -> set[Line]:
    """Who may reach one of our pods."""
    if load.kind == "Job":
        return set()
    lines = {_line(PROMETHEUS, "health")}
    return lines | {_line(INGRESS, "http")} if load.service == "gateway" else lines


def callers_are_named(rendering: Rendering) -> Iterator[str]:
    """Each of our pods has one policy that opens exactly what it needs."""
    for load in rendering.workloads():
        if load.service is None:
            continue
        policies = [
            policy
            for policy in rendering.of_kind("NetworkPolicy")
            if policy["spec"].get("podSelector") and selects(policy["spec"]["podSelector"], load.labels)
        ]
        if len(policies) != 1:
            yield f"{load}: {len(policies)} NetworkPolicies speak of its pods instead of one"
            continue
        spec = policies[0]["spec"]
        for direction, found, wanted in (
            ("reach", _lines(spec.get("egress", ()), "to"), _outgoing(load)),
            ("be reached by", _lines(spec.get("ingress", ()), "from"), _incoming(load)),
        ):
            for peer, ports in sorted(found - wanted):
                yield f"{load}: may {direction} {peer} on {', '.join(ports) or 'every port'}"
            for peer, ports in sorted(wanted - found):
                yield f"{load}: may not {direction} {peer} on {', '.join(ports)}"


def servers_know_their_callers(rendering: Rendering) -> Iterator[str]:
    """A database takes its own service's pods and no other's; so do the cache and who takes traces."""
    for policy in rendering.of_kind("NetworkPolicy"):
        labels = policy["spec"].get("podSelector", {}).get("matchLabels", {})
        server = labels.get("cnpg.io/cluster") or labels.get(NAME)
        callers = CALLERS.get(str(server))
        if callers is not None:
            found = {name for rule in policy["spec"]["ingress"] for name in _names(rule)}
            if found != callers:
                yield f"{title(policy)}: is open to {', '.join(sorted(found ^ callers))}, or should be"


def _names(rule: Manifest) -> Iterator[str]:
    """Whom a rule lets in, by the label that says their name; operators have namespaces of their own."""
    for peer in rule["from"]:
        selector = peer.get("podSelector", {})
        if "namespaceSelector" not in peer:
            yield from (value for key, value in selector.get("matchLabels", {}).items() if key == NAME)
            for expression in selector.get("matchExpressions", ()):
                yield from expression["values"] if expression["key"] == NAME else ()


def everybody_has_a_policy(rendering: Rendering) -> Iterator[str]:
    """For both directions: a policy that speaks of one leaves the other open."""
    policies = rendering.of_kind("NetworkPolicy")
    own = [policy["spec"]["podSelector"] for policy in policies if policy["spec"].get("podSelector")]
    for load in rendering.workloads():
        if not any(selects(selector, load.labels) for selector in own):
            yield f"{load}: no NetworkPolicy speaks of its pods"
    for policy in policies:
        if sorted(policy["spec"].get("policyTypes", ())) != BOTH:
            yield f"{title(policy)}: does not speak of both directions"


def nobody_is_open_to_all(rendering: Rendering) -> Iterator[str]:
    """Every rule names a peer and a port; the internet is the internet without our own networks."""
    for policy in rendering.of_kind("NetworkPolicy"):
        for key, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(key) or ():
                if not rule.get(peers) or not rule.get("ports"):
                    yield f"{title(policy)}: an {key} rule names no peer or no port"
                is_api = _opens_the_api(policy, rule)
                for peer in () if is_api else rule.get(peers) or ():
                    yield from (f"{title(policy)}: {problem}" for problem in _open_peer(peer))


def namespaces_are_closed(rendering: Rendering) -> Iterator[str]:
    """Who makes a namespace closes it: what has no policy of its own reaches nobody."""
    closed = {
        policy["metadata"].get("namespace")
        for policy in rendering.of_kind("NetworkPolicy")
        if not policy["spec"].get("podSelector")
        and not policy["spec"].get("ingress")
        and not policy["spec"].get("egress")
    }
    for namespace in rendering.of_kind("Namespace"):
        if namespace["metadata"]["name"] not in closed:
            yield f"{title(namespace)}: is not closed by a NetworkPolicy for all pods"
        labels = namespace["metadata"].get("labels", {})
        if labels.get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"{title(namespace)}: takes pods that are not restricted"


def _opens_the_api(policy: Manifest, rule: Manifest) -> bool:
    """Pods of an operator ask the cluster's API, whose address each cluster chooses; by HTTPS only."""
    ports = {port["port"] for port in rule.get("ports") or ()}
    return policy["metadata"]["labels"].get(COMPONENT) in OF_OPERATORS and ports == {443, 6443}


def _open_peer(peer: Manifest) -> Iterator[str]:
    if not any(peer.get(name) for name in ("podSelector", "namespaceSelector", "ipBlock")):
        yield "a rule is open to everybody"
    block = peer.get("ipBlock")
    if block and block["cidr"] == "0.0.0.0/0":
        missing = sorted(set(PRIVATE) - set(block.get("except", ())))
        if missing:
            yield f"the internet includes {', '.join(missing)}"


def _lines(rules: Iterable[Manifest], peers: str) -> set[Line]:
    found: set[Line] = set()
    for rule in rules:
        ports = tuple(
            sorted(f"{port.get('protocol', 'TCP')} {port['port']}" for port in rule.get("ports", ()))
        )
        named: list[Manifest] = rule.get(peers) or [{}]
        for peer in named:
            is_internet = peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
            found.add((INTERNET if is_internet else json.dumps(peer, sort_keys=True), ports))
    return found


RULES = (
    callers_are_named,
    servers_know_their_callers,
    everybody_has_a_policy,
    nobody_is_open_to_all,
    namespaces_are_closed,
)
