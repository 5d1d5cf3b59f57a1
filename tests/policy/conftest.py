"""The manifests, rendered once for all tests of a run."""

import pytest

from deploy.manifests.documents import Rendering
from deploy.manifests.render import render_all


@pytest.fixture(scope="session")
def renderings() -> dict[str, Rendering]:
    return {rendering.path: rendering for rendering in render_all()}
