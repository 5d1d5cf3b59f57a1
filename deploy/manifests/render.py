"""Renders every kustomization below deploy/k8s with kubectl, as `kubectl apply -k` would."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from deploy.manifests.documents import Rendering

ROOT = Path(__file__).resolve().parents[2]
KUSTOMIZATIONS = ROOT / "deploy" / "k8s"
KIND = "Kustomization"
PIECES = ("parts/*", "platform/*")
"""Of others: nobody applies them alone."""
SECONDS = 60
AT_ONCE = 4


class RenderError(Exception):
    """kubectl refused a kustomization; the message is its own."""


def kubectl() -> str:
    """The one in the PATH, else the pinned one beside this Python. Raises RenderError when there is none."""
    beside = Path(sys.executable).with_name("kubectl")
    found = shutil.which("kubectl") or (str(beside) if beside.is_file() else None)
    if found is None:
        raise RenderError("there is no kubectl: make environment installs one")
    return found


def paths() -> list[str]:
    """Folders that can be applied: every service alone, the platform, every overlay and its parts."""
    found = []
    for file in sorted(KUSTOMIZATIONS.rglob("kustomization.yaml")):
        path = file.parent.relative_to(KUSTOMIZATIONS)
        is_piece = any(path.match(pattern) for pattern in PIECES)
        if not is_piece and yaml.safe_load(file.read_text("utf-8"))["kind"] == KIND:
            found.append(path.as_posix())
    return found


def render(path: str) -> Rendering:
    """Render one. Raises RenderError."""
    result = subprocess.run(
        [kubectl(), "kustomize", str(KUSTOMIZATIONS / path)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if result.returncode != 0:
        raise RenderError(f"{path}: {result.stderr.strip()}")
    documents = yaml.load_all(result.stdout, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return Rendering(path, tuple(document for document in documents if document))


def render_all() -> list[Rendering]:
    """Render all of them, some at once. Raises RenderError."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(render, paths()))
