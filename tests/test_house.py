"""The house's own rules, where a linter has none for them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
LOCK = (ROOT / "requirements.lock").read_text()
LONGEST = 400


def locked() -> set[str]:
    return set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", LOCK, re.MULTILINE))


def test_the_lock_holds_no_heavy_framework():
    heavy = {"torch", "tensorflow", "jax", "transformers", "sentence-transformers", "onnxruntime"}
    assert len(locked()) > 50
    assert not locked() & heavy
    assert not [each for each in locked() if each.startswith(("nvidia", "torch", "triton"))]


def test_the_lock_names_no_index():
    assert not re.search(r"index-url|find-links|trusted-host|https?://", LOCK)


def test_the_lock_pins_every_file():
    for requirement in re.split(r"\n(?=[A-Za-z0-9])", LOCK):
        if "==" in requirement:
            assert "--hash=sha256:" in requirement, requirement.partition("\n")[0]


def test_the_lock_holds_every_direct_dependency():
    names = {re.match(r"[A-Za-z0-9._-]+", each)[0] for each in PROJECT["project"]["dependencies"]}
    assert {each.lower() for each in names} <= {each.lower() for each in locked()}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_has_a_package_of_our_name(package):
    assert set(packages_distributions().get(package, [])) <= {"bailiwick"}


def test_every_package_is_built_checked_and_layered():
    found = {
        each.parent.name for each in ROOT.glob("*/__init__.py") if each.parent.name != "tests"
    } - {"benchmarks"}
    assert set(PACKAGES) == found
    assert set(PROJECT["tool"]["mypy"]["packages"]) == found
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == found
    assert found <= set(PROJECT["tool"]["ruff"]["lint"]["isort"]["known-first-party"])


def test_no_file_is_too_long():
    long = {
        str(path.relative_to(ROOT))
        for folder in (*PACKAGES, "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        if len(path.read_text().splitlines()) > LONGEST
    }
    assert not long


def test_no_generic_module_names():
    banned = {"utils.py", "helpers.py", "manager.py", "handler.py", "common.py", "misc.py"}
    for package in PACKAGES:
        assert not [path for path in (ROOT / package).rglob("*.py") if path.name in banned]


def imported_by(module: str) -> set[str]:
    """Top-level modules that a fresh process has loaded after importing one."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


HEAVY = {
    *("openvino", "unstructured", "dagster", "googleapiclient", "github", "weaviate", "backlot"),
    *("tokenizers", "tiktoken", "pypdfium2", "spacy", "grpc"),
}


@pytest.mark.parametrize("module", ["service.cli", "workspace.workspace", "retrieval.search"])
def test_the_command_line_starts_light(module):
    assert not imported_by(module) & HEAVY


def test_dagster_loads_the_definitions_without_models_or_vendors():
    heavy = HEAVY - {"dagster", "grpc"}
    assert not imported_by("pipelines.definitions") & heavy
