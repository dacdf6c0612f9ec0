import re
import warnings
from pathlib import Path

from simulator.embedded import serve
from simulator.world import World

GUIDE = Path(__file__).parents[3] / "docs" / "simulator-atlassian.md"


def test_the_guides_example_runs():
    code = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[1]
    with serve(World.company()) as running, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = {}
        exec(code.replace("http://127.0.0.1:8900", running.url), made)
    assert "On-call handbook" in made["pages"]
    assert {row["title"] for row in made["found"]["results"]} >= {
        "Incident 2026-05-17: readings an hour late"
    }
    assert len(made["issues"]["issues"]) == 5
