from simulator.confluence.state import ConfluenceState
from simulator.jira.state import JiraState
from simulator.oracle import documents, readable
from simulator.world import World
from tests.simulator.atlassian_worlds import CONFLUENCE, JIRA, ask


def test_a_saved_world_keeps_what_was_written_by_the_apis(tmp_path):
    world = World.company()
    fields = {
        "project": {"key": "PLAT"},
        "issuetype": {"name": "Task"},
        "summary": "Kept",
        "description": {"type": "doc", "version": 1, "content": []},
    }
    status, made = ask(JIRA, world, "ada", "/api/3/issue", "POST", {"fields": fields})
    assert status == 201
    space = ConfluenceState.of(world).space("ENG").id
    page = {"spaceId": space, "title": "Kept too", "status": "current"}
    status, written = ask(CONFLUENCE, world, "ada", "/api/v2/pages", "POST", page)
    assert status == 200
    world.do("confluence.restrict", content=written["id"], type="user", subject="bruno")
    world.save(tmp_path / "world.json")
    again = World.load(tmp_path / "world.json")
    assert [*documents(again)] == [*documents(world)]
    assert JiraState.of(again).issue(made["key"]).reporter == "ada"
    kept = next(one for one in documents(again, "confluence") if one.id == written["id"])
    assert [readable(again, who, kept) for who in ("ada", "bruno")] == [False, True]
