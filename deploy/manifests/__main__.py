"""`make manifests`: renders every kustomization, writes it to .run/manifests, and says what is wrong."""

import sys
import warnings

import yaml

# The rules read the services' own figures, and with them what the services import.
warnings.filterwarnings("ignore", message="\nEventlet is deprecated")

from deploy.manifests import alerts, render, rules, schemas  # noqa: E402 - see above
from deploy.manifests.documents import Rendering  # noqa: E402

OUTPUT = render.ROOT / ".run" / "manifests"


def main() -> int:
    """0 when everything is as it should be."""
    alerts.WRITTEN.write_text(alerts.text(), encoding="utf-8")
    try:
        renderings = render.render_all()
    except render.RenderError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for rendering in renderings:
        _write(rendering)
    problems = schemas.problems(renderings)
    problems += [problem for rendering in renderings for problem in rules.problems(rendering)]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    count = sum(len(rendering.manifests) for rendering in renderings)
    sys.stdout.write(
        f"{len(renderings)} kustomizations, {count} manifests in {OUTPUT.relative_to(render.ROOT)}; "
        f"wrong: {len(problems)}\n"
    )
    return 1 if problems else 0


def _write(rendering: Rendering) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump_all(rendering.manifests, sort_keys=False)
    (OUTPUT / f"{rendering.path.replace('/', '-')}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
