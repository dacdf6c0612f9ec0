"""The pages under docs/ and the code say the same."""

import re
from pathlib import Path

import pytest

from connectors.directory import load_directory
from connectors.registry import available_sources, settings_of

DOCS = Path(__file__).parents[2] / "docs"


def test_the_directory_page_shows_a_file_that_loads(tmp_path: Path) -> None:
    text = (DOCS / "directory.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert found
    path = tmp_path / "directory.yaml"
    path.write_text(found[1], encoding="utf-8")
    assert len(load_directory(path).people) == 3


@pytest.mark.parametrize("source", available_sources(), ids=str)
def test_every_setting_is_in_its_sources_table(
    source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    prefix = f"{source.value.upper()}_"
    text = (DOCS / "sources" / f"{source.value}.md").read_text(encoding="utf-8")
    documented = set(re.findall(rf"^\| `({prefix}[A-Z_]+)`", text, re.MULTILINE))
    fields = type(settings_of(source)).model_fields
    assert documented == {f"{prefix}{name.upper()}" for name in fields}
