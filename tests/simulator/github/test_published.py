"""The judge has teeth."""

import json

import pytest

from simulator.github.api import API
from simulator.world import World
from tests.simulator.github.published import PUBLISHED, judge
from tests.simulator.vendor_schemas import ABSENT

pytestmark = pytest.mark.skipif(PUBLISHED is None, reason=ABSENT)
KIND = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "break_it"),
    [
        ("/repos/saltmarsh/ingest", lambda body: body.pop("default_branch")),
        ("/repos/saltmarsh/ingest", lambda body: body.update(id="12")),
        ("/repos/saltmarsh/ingest", lambda body: body["owner"].pop("login")),
        ("/repos/saltmarsh/ingest/issues", lambda body: body[0].update(comments=None)),
        ("/repos/saltmarsh/ingest/pulls/4", lambda body: body["head"]["repo"].pop("id")),
        ("/orgs/saltmarsh/teams", lambda body: body[0].pop("parent")),
    ],
)
def test_a_broken_answer_is_noticed(path, break_it):
    headers = {"authorization": "Bearer service-github"}
    reply = API.call(World.company(), "GET", path, headers)
    assert judge("GET", path, 200, KIND, reply.body) == []
    body = json.loads(reply.body)
    break_it(body)
    assert judge("GET", path, 200, KIND, json.dumps(body).encode())


def test_an_unknown_path_is_noticed():
    assert judge("GET", "/repos/a/b/unheard-of", 200, KIND, b"{}")
    assert judge("GET", "/repos/a/b", 400, KIND, b'["no"]')
