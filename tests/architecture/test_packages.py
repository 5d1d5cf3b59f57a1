"""Each image's lock brings every package that the image's code imports: no other service's lock lends one."""

import re
from functools import cache
from importlib.metadata import distributions

import pytest

from tests.architecture.source import ROOT, SERVICES, production_files
from tests.fixtures.build_context import copied_files
from tests.fixtures.dockerfile import read_image

PIN = re.compile(r"^([A-Za-z0-9_.-]+)==", re.MULTILINE)


@cache
def _brought_by() -> dict[str, str]:
    """Every module that is installed here, dotted, and the package that brings it."""
    found = {}
    for package in distributions():
        for path in package.files or ():
            if path.suffix in (".py", ".so") and ".." not in path.parts:
                name = ".".join((*path.parts[:-1], path.name.partition(".")[0]))
                found[name.removesuffix(".__init__")] = _normal(package.name)
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _package_of(module: str) -> str | None:
    """The package of `a.b.c`, or else of `a.b`; None for our own and the standard library's."""
    while module:
        if module in _brought_by():
            return _brought_by()[module]
        module = module.rpartition(".")[0]
    return None


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_has_every_package_that_its_code_imports(service: str) -> None:
    """A package that another lock brings is there in tests and not in the image."""
    image = read_image(ROOT / "services" / service / "Dockerfile")
    lock = {_normal(name) for name in PIN.findall((ROOT / image.requirements).read_text(encoding="utf-8"))}
    shipped = copied_files(image)
    imported = {
        (file.name, package)
        for file in production_files()
        if file.name in shipped
        for module in file.imports()
        if (package := _package_of(module))
    }
    assert len(imported) > len(lock) / 10
    assert not {(name, package) for name, package in imported if package not in lock}
