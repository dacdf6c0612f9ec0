"""SharePoint REST, for which there is no SDK: httpx against what Microsoft documents."""

import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from simulator.embedded import serve
from simulator.faults import FaultKind
from simulator.sharepoint.ids import EEEU_LOGIN, HOST, TENANT, group_login, m365_login
from simulator.sharepoint.roles import BUILT_IN
from simulator.sharepoint.state import SharePointState
from tests.simulator.sharepoint.worlds import office

NO_META = "application/json;odata=nometadata"
VERBOSE = "application/json;odata=verbose"


class Rest:
    """Requests to one site's ``_api``."""

    def __init__(self, running):
        self.running, self.url = running, running.url
        self.sp = SharePointState.of(running.world)

    def get(self, path, token="service-sharepoint", accept=NO_META, site="/sites/crew"):
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        return httpx.get(f"{self.url}/sharepoint{site}/_api/{path}", headers=headers)

    def rows(self, path, **how):
        said = self.get(path, **how)
        assert said.status_code == 200, said.text
        return said.json()["value"]

    def token(self, audience=f"https://{HOST}", client="indexer", **form):
        form = {"client_secret": "s3cret", **form} if "client_assertion" not in form else form
        body = {
            "grant_type": "client_credentials",
            "client_id": client,
            "scope": f"{audience}/.default",
            **form,
        }
        return httpx.post(f"{self.url}/entra/{TENANT}/oauth2/v2.0/token", data=body)


@pytest.fixture(scope="module")
def rest():
    with serve(office()) as running:
        yield Rest(running)


def test_tokens_are_for_one_api(rest):
    mine = rest.token().json()["access_token"]
    other = rest.token("https://graph.microsoft.com").json()["access_token"]
    assert rest.get("web", mine).status_code == 200
    assert rest.get("web", other).status_code == 401
    reader = rest.token(client="reader").json()["access_token"]
    assert rest.get("web", reader).status_code == 200
    assert rest.get("web/roleassignments", reader).status_code == 403
    assert rest.get("web/roleassignments", mine).status_code == 200


def test_an_application_with_no_permissions_may_do_nothing(rest):
    rest.sp.register_app(client_id="bare", secret="s3cret", permissions=[])
    assert rest.get("web", rest.token(client="bare").json()["access_token"]).status_code == 403


def test_the_token_endpoint_refuses(rest):
    assert rest.token(client_secret="wrong").json()["error"] == "invalid_client"
    assert rest.token(client="nobody").json()["error"] == "unauthorized_client"
    assert rest.token("https://elsewhere.example").json()["error"] == "invalid_scope"
    assert rest.token(grant_type="password").json()["error"] == "unsupported_grant_type"


def test_a_certificate_instead_of_a_secret(rest):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    rest.sp.register_app(
        client_id="signer", secret="", permissions=["Sites.Read.All"], certificate=pem.decode()
    )
    claims = {"iss": "signer", "sub": "signer", "aud": "here", "exp": int(time.time()) + 60}
    good = jwt.encode(claims, key, algorithm="RS256")
    assert rest.token(client="signer", client_assertion=good).status_code == 200
    forged = jwt.encode({**claims, "sub": "indexer"}, key, algorithm="RS256")
    assert rest.token(client="signer", client_assertion=forged).status_code == 401
    assert rest.token(client="signer").status_code == 401


def test_formats(rest):
    plain = rest.get("web/lists").json()
    assert {x["Title"] for x in plain["value"]} == {"Documents", "Risks", "Site Pages"}
    assert "odata.type" not in plain["value"][0]
    verbose = rest.get("web/lists", accept=VERBOSE).json()["d"]["results"]
    assert verbose[0]["__metadata"]["type"] == "SP.List"
    minimal = rest.get("web", accept="application/json").json()
    assert minimal["odata.type"] == "SP.Web"
    assert rest.get("web", accept="*/*").status_code == 406
    assert rest.get("web/title", accept="*/*").status_code == 404
    risks = next(x for x in plain["value"] if x["Title"] == "Risks")
    assert (risks["BaseTemplate"], risks["ItemCount"]) == (100, 5)


def test_masks_are_microsofts():
    known = {
        "Full Control": (2147483647, 4294967295),
        "Design": (432, 1012866047),
        "Edit": (432, 1011030767),
        "Contribute": (432, 1011028719),
        "Read": (176, 138612833),
        "Limited Access": (48, 134287360),
    }
    for name, (high, low) in known.items():
        mask = BUILT_IN[name].mask
        assert (mask >> 32, mask & 0xFFFFFFFF) == (high, low), name


def test_role_assignments(rest):
    sp = rest.sp
    library = next(i for i, one in sp.lists.items() if one.title == "Documents")
    plan = next(i for i in sp.items.values() if i.name == "plan.docx")
    here = f"web/lists(guid'{library}')/items({plan.number})"
    assert rest.get(f"{here}/HasUniqueRoleAssignments").json() == {"value": False}
    sp.break_inheritance(target=plan.id, copy=False)
    for principal in ("group:outer", "eeeu", "m365:crew", "owners:crew", "user:gus"):
        sp.grant(target=plan.id, principal=principal)
    link = sp.share(item=plan.id, scope="users", people=["ben"])
    verbose = rest.get(f"{here}/HasUniqueRoleAssignments", accept=VERBOSE).json()
    assert verbose == {"d": {"HasUniqueRoleAssignments": True}}
    expand = "?$expand=Member/Users,RoleDefinitionBindings"
    rows = rest.rows(f"{here}/RoleAssignments{expand}")
    members = {row["Member"]["LoginName"]: row["Member"] for row in rows}
    assert {
        group_login("outer"),
        EEEU_LOGIN,
        m365_login("crew"),
        m365_login("crew", owners=True),
    } < set(members)
    guest = members["i:0#.f|membership|gus_brightwell.example#ext#@saltmarsh.onmicrosoft.com"]
    assert guest["PrincipalType"] == 1
    sharing = next(m for name, m in members.items() if name.startswith("SharingLinks."))
    assert sharing["LoginName"] == f"SharingLinks.{plan.unique}.Flexible.{link}"
    assert [user["Title"] for user in sharing["Users"]] == ["Ben"]
    assert all(row["RoleDefinitionBindings"][0]["Name"] == "Read" for row in rows)
    bare = rest.rows(f"{here}/RoleAssignments")[0]
    assert set(bare) == {"PrincipalId"}
    member = f"{here}/RoleAssignments({bare['PrincipalId']})/Member"
    assert rest.get(member).json()["LoginName"] == group_login("outer")
    rest.sp.limit_pages(most=2)
    page, seen = rest.get(f"{here}/roleassignments{expand}").json(), []
    seen += page["value"]
    while "odata.nextLink" in page:
        headers = {"Authorization": "Bearer service-sharepoint", "Accept": NO_META}
        page = httpx.get(page["odata.nextLink"], headers=headers).json()
        seen += page["value"]
    rest.sp.limit_pages(most=0)
    assert seen == rows


def test_limited_access_above_what_was_shared(rest):
    library = next(one for one in rest.sp.lists.values() if one.title == "Documents")
    folder = rest.sp.create_folder(parent=library.id, name="Inner", author="ana")
    deep = rest.sp.create_file(parent=folder, name="deep.txt", author="ana")
    rest.sp.break_inheritance(target=folder)
    rest.sp.share_with(item=deep, principal="group:ring", role="Edit")
    expand = "?$expand=Member,RoleDefinitionBindings"
    for path in ("web", f"web/lists(guid'{library.id}')/items({rest.sp.items[folder].number})"):
        rows = rest.rows(f"{path}/roleassignments{expand}")
        held = {
            row["Member"]["LoginName"]: [r["Name"] for r in row["RoleDefinitionBindings"]]
            for row in rows
        }
        assert held[group_login("ring")] == ["Limited Access"]
    rest.sp.reset_inheritance(target=deep)
    rows = rest.rows(f"web/roleassignments{expand}")
    assert group_login("ring") not in {row["Member"]["LoginName"] for row in rows}


def test_site_groups_and_users(rest):
    groups = {g["Title"]: g for g in rest.rows("web/sitegroups?$expand=Users")}
    owners, members = groups["Crew Owners"], groups["Crew Members"]
    assert [u["LoginName"] for u in owners["Users"]] == [m365_login("crew", owners=True)]
    by_id = rest.rows(f"web/sitegroups/getbyid({members['Id']})/users")
    by_name = rest.rows("web/SiteGroups/getByName('Crew Members')/Users")
    assert by_id == by_name
    assert [u["LoginName"] for u in by_id] == [m365_login("crew")]
    admins = rest.rows("web/siteusers?$filter=IsSiteAdmin eq true")
    assert [u["LoginName"] for u in admins] == [m365_login("crew", owners=True)]
    home = {g["Title"] for g in rest.rows("web/sitegroups", site="")}
    assert home == {"Home Owners", "Home Members", "Home Visitors"}
    first = min(g["Id"] for g in rest.rows("web/sitegroups", site=""))
    assert first == min(g["Id"] for g in groups.values())  # the same number, another site's group


def test_items_and_attachments(rest):
    listed = rest.rows("web/lists/getbytitle('Risks')/items?$top=2&$select=Id,Title,Severity")
    assert listed[0] == {"Id": 1, "ID": 1, "Title": "Risk 0", "Severity": "High"}
    said = rest.get("web/lists/GetByTitle('Risks')/items?$top=2").json()
    assert "p_ID%3D2" in said["odata.nextLink"]
    item = "web/lists/getbytitle('Risks')/items(5)"
    whole = rest.get(f"{item}?$expand=AttachmentFiles,Author").json()
    assert [f["FileName"] for f in whole["AttachmentFiles"]] == ["evidence.txt"]
    assert whole["Author"]["Title"] == "Ana"
    files = rest.rows(f"{item}/AttachmentFiles")
    body = rest.get(f"{item}/AttachmentFiles('{files[0]['FileName']}')/$value")
    assert body.text == "It rained."
    comments = rest.rows(f"{item}/Comments()")
    assert comments[0]["text"] == "The password is swordfish-9."
    assert rest.get("web/lists/getbytitle('Risks')/items(77)").status_code == 404
    assert rest.get("web/lists/getbytitle('None')").status_code == 404
    path = "/sites/crew/Shared Documents/Plans & drafts/notes.md"
    found = rest.get(f"web/GetFileByServerRelativePath(decodedurl='{path}')/ListItemAllFields")
    assert found.json()["ContentTypeId"] == "0x0101"
    body = rest.get(f"web/getfilebyserverrelativeurl('{path}')/$value")
    assert body.text.startswith("# notes.md")


def test_pages_by_rest(rest):
    select = "$select=Id,Title,UniqueId,FileRef,CanvasContent1,HasUniqueRoleAssignments"
    rows = rest.rows(f"web/lists/getbytitle('Site Pages')/items?{select}")
    page = next(row for row in rows if row["Title"] == "Welcome")
    assert page["FileRef"] == "/sites/crew/SitePages/Welcome.aspx"
    assert "<p>Read this.</p>" in page["CanvasContent1"]
    assert page["HasUniqueRoleAssignments"] is False


def test_ensure_user(rest):
    def ensure(logon, token="service-sharepoint"):
        headers = {"Authorization": f"Bearer {token}", "Accept": NO_META}
        url = f"{rest.url}/sharepoint/sites/crew/_api/web/ensureuser"
        return httpx.post(url, json={"logonName": logon}, headers=headers)

    found = ensure("i:0#.f|membership|ben@saltmarsh.example").json()
    assert found["Title"] == "Ben"
    assert rest.get(f"web/getuserbyid({found['Id']})").json() == found
    assert ensure(EEEU_LOGIN).json()["PrincipalType"] == 4
    assert ensure("nobody@saltmarsh.example").status_code == 400
    headers = {"Authorization": "Bearer service-sharepoint", "Accept": NO_META}
    url = f"{rest.url}/sharepoint/sites/crew/_api/web/ensureuser('ben@saltmarsh.example')"
    assert httpx.post(url, headers=headers).json() == found


def test_people_see_what_is_theirs(rest):
    notes = next(i.id for i in rest.sp.items.values() if i.name == "notes.md")
    rest.sp.share_with(item=notes, principal="user:gus")
    assert rest.get("web", token="person-gus", site="").status_code == 403
    assert rest.get("web", token="person-gus").status_code == 200  # limited access, to pass through
    assert rest.get("web/roleassignments", token="person-ana").status_code == 403
    assert rest.get("web/roleassignments", token="person-ben").status_code == 200
    users = "web/sitegroups/getbyname('Crew Owners')/users"
    assert rest.get(users, token="person-ana").status_code == 403
    drafts = "web/lists/getbytitle('Site Pages')/items"
    assert {row["Title"] for row in rest.rows(drafts, token="person-ana")} == {"Welcome", "Soon"}
    mask = rest.get("web/effectivebasepermissions", token="person-ana").json()["value"]
    assert int(mask["Low"]) & 1


def test_the_rest_of_the_web(rest):
    assert [w["Title"] for w in rest.rows("web/webs")] == ["Lab"]
    assert rest.get("web/HasUniqueRoleAssignments", site="/sites/crew/lab").json()["value"] is False
    assert rest.get("site").json()["ServerRelativeUrl"] == "/sites/crew"
    assert {r["Name"] for r in rest.rows("web/roledefinitions")} == set(BUILT_IN)
    assert rest.get("web", site="/sites/none").status_code == 404
    assert rest.get("web/currentuser", token="person-ana").json()["Title"] == "Ana"


def test_throttling_and_errors(rest):
    rest.running.world.faults.add(
        FaultKind.RATE_LIMIT, vendor="sharepoint", endpoint="rest.web", seconds=3, as_date=True
    )
    throttled = rest.get("web")
    assert throttled.status_code == 429
    assert throttled.headers["Retry-After"].endswith("GMT")
    rest.running.world.faults.clear()
    denied = rest.get("web", token="person-gus", site="")
    assert "UnauthorizedAccessException" in denied.json()["odata.error"]["code"]
    denied = rest.get("web", token="person-gus", accept=VERBOSE, site="")
    assert denied.json()["error"]["message"]["lang"] == "en-US"


def test_a_download_address_is_a_key_that_ends(rest):
    drive = next(one.drive for one in rest.sp.lists.values() if one.drive)
    graph = f"{rest.url}/graph/v1.0/drives/{drive}/root:/Plans & drafts/notes.md"
    headers = {"Authorization": "Bearer service-sharepoint"}
    item = httpx.get(graph, headers=headers).json()
    address = item["@microsoft.graph.downloadUrl"]
    assert httpx.get(address).text.startswith("# notes.md")
    assert httpx.get(address.replace("tempauth=", "tempauth=0")).status_code == 401
    rest.running.world.do("clock.advance", seconds=3601)
    assert httpx.get(address).status_code == 401


def test_a_list_tells_where_it_is(rest):
    asked = "web/lists?$select=Title,RootFolder/ServerRelativeUrl&$expand=RootFolder"
    told = {row["Title"]: row["RootFolder"]["ServerRelativeUrl"] for row in rest.rows(asked)}
    assert told["Risks"] == "/sites/crew/Lists/Risks"
    assert told["Documents"] == "/sites/crew/Shared Documents"
    (item,) = rest.rows("web/lists/getbytitle('Risks')/items?$top=1&$select=FileDirRef")[:1]
    assert item["FileDirRef"] == told["Risks"]
    assert "RootFolder" not in rest.rows("web/lists")[0]
