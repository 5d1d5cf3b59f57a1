"""That tables change before the code that needs them arrives, by a role that the code does not have."""

from collections.abc import Iterator

from deploy.manifests.documents import VERSION, Rendering, Workload, secret_references

OWNER = "MIGRATION_DATABASE_URL"
APP = "DATABASE_URL"


def each_release_migrates(rendering: Rendering) -> Iterator[str]:
    """A Job of the same image for each Deployment, with a name of its own for each release."""
    jobs = {str(load.service): load for load in rendering.workloads() if load.kind == "Job" and load.service}
    for load in rendering.deployments():
        job = jobs.get(str(load.service))
        if job is None:
            yield f"{load}: no Job migrates its database"
            continue
        if job.containers[0]["image"] != load.containers[0]["image"]:
            yield f"{job}: is of another release than {load}"
        if job.containers[0].get("args") != _arguments("migrate", load):
            yield f"{job}: does not run the migrations of {load.service}"
        if job.name != f"{load.service}-migrate-{load.labels.get(VERSION)}":
            yield f"{job}: is not named after its release, and a Job can't be changed"
        if any(container.get("envFrom") for container in job.all_containers):
            yield f"{job}: reads a ConfigMap, whose next version would change the Job"


def roll_outs_wait_for_migrations(rendering: Rendering) -> Iterator[str]:
    """The first container of each pod ends when the database is no longer behind; it only looks."""
    for load in rendering.deployments():
        arguments = [container.get("args") for container in load.pod.get("initContainers", ())]
        if arguments[:1] != [_arguments("wait_for_schema", load)]:
            yield f"{load}: does not wait for the migrations of {load.service}"


def rights_are_apart(rendering: Rendering) -> Iterator[str]:
    """The owner's account migrates and nothing else; the running service has the app role's."""
    for load in rendering.workloads():
        for container in load.all_containers if load.service else ():
            taken = {name: (source, key) for name, source, key in secret_references(container)}
            role = "owner" if load.kind == "Job" else "app"
            wanted, other = (OWNER, APP) if role == "owner" else (APP, OWNER)
            secret = f"{load.service}-database-{role}"
            if taken.get(wanted) != (secret, "url"):
                yield f"{load}: {container['name']} does not take {wanted} from {secret}"
            if other in rendering.settings(container):
                yield f"{load}: {container['name']} has the address of another role than it needs"


def _arguments(module: str, load: Workload) -> list[str]:
    return [f"shared.database.{module}", f"services.{load.service}"]


RULES = (each_release_migrates, roll_outs_wait_for_migrations, rights_are_apart)
