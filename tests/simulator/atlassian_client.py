"""What the official clients of Atlassian have in common."""

import pytest
from requests import HTTPError


def status_of(act):
    with pytest.raises(HTTPError) as refused:
        act()
    return refused.value.response.status_code
