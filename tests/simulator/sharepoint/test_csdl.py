"""The check against Graph's model finds what it should."""

import pytest

from tests.simulator.sharepoint.csdl import PATH, model
from tests.simulator.vendor_schemas import ABSENT

pytestmark = pytest.mark.skipif(PATH is None, reason=ABSENT)
ITEM = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#drives('a')/items/$entity"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": "x"},
        {"name": 3},
        {"size": "3"},
        {"folder": {"childCount": 1, "count": 1}},
        {"createdDateTime": "2026-06-15"},
        {"children": [{"id": 7}]},
        {"@odata.type": "#microsoft.graph.user"},
    ],
)
def test_it_refuses(wrong):
    model().check(ITEM | {"id": "a", "size": 3, "children": [{"id": "b"}]})
    with pytest.raises(AssertionError):
        model().check(ITEM | wrong)


def test_it_knows_enumerations_and_casts():
    context = "https://graph.microsoft.com/v1.0/$metadata#sites('a')/pages/microsoft.graph.sitePage"
    model().check({"@odata.context": context, "value": [{"promotionKind": "page"}]})
    with pytest.raises(AssertionError):
        model().check({"@odata.context": context, "value": [{"promotionKind": "poster"}]})
