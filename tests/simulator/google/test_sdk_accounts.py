"""Google's own client as a service account, and on the Directory API."""

import google.auth.exceptions
import google_auth_httplib2
import httplib2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account

from tests.simulator.google import sdk
from tests.simulator.google.sdk import SCOPE, client, pages, refused


def test_about(running):
    drive = client(running, "ben")
    assert refused(drive.about().get()) == (400, "required")
    said = drive.about().get(fields="user,exportFormats").execute()
    assert said["user"]["emailAddress"] == "ben@saltmarsh.example"


def test_directory(running, world):
    directory = world.directory
    for n in range(5):
        directory.create_group(id=f"g{n}")
    directory.nest(group="g0", child="g1")
    directory.nest(group="g1", child="g0")
    for person in ("ann", "ben", "gus"):
        directory.add_member(group="g1", person=person)
    directory.rename_person(person="ben", name="Ben New", email="ben.new@saltmarsh.example")
    directory.deactivate(person="cat")
    admin = client(running, "ann", name="admin", version="directory_v1")
    users = pages(admin.users().list, admin.users().list_next, customer="my_customer", maxResults=2)
    found = [user for page in users for user in page["users"]]
    assert [u["primaryEmail"].partition("@")[0] for u in found] == ["ann", "ben.new", "cat"]
    assert found[1]["aliases"] == ["ben@saltmarsh.example"]
    assert found[2]["suspended"]
    assert admin.users().get(userKey="ben@saltmarsh.example").execute()["id"] == found[1]["id"]
    groups = pages(
        admin.groups().list, admin.groups().list_next, customer="my_customer", maxResults=2
    )
    assert sum(len(page["groups"]) for page in groups) == 5
    assert (
        admin.groups().get(groupKey="g0@saltmarsh.example").execute()["directMembersCount"] == "1"
    )
    members = pages(
        admin.members().list,
        admin.members().list_next,
        groupKey="g1@saltmarsh.example",
        maxResults=3,
    )
    kinds = [(m["type"], m["email"]) for page in members for m in page["members"]]
    assert ("GROUP", "g0@saltmarsh.example") in kinds
    assert ("USER", "gus@else.example") in kinds
    deep = admin.members().list(groupKey="g0@saltmarsh.example", includeDerivedMembership=True)
    assert {m["email"] for m in deep.execute()["members"]} >= {"ann@saltmarsh.example"}
    asked = {"groupKey": "g0@saltmarsh.example", "memberKey": "ann@saltmarsh.example"}
    assert admin.members().hasMember(**asked).execute() == {"isMember": True}
    assert refused(admin.members().get(**asked))[0] == 404
    mine = admin.groups().list(userKey="ann@saltmarsh.example").execute()["groups"]
    assert [g["email"] for g in mine] == ["g1@saltmarsh.example"]
    other = client(running, "ben", name="admin", version="directory_v1")
    assert refused(other.users().list(customer="my_customer"))[0] == 403


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def delegated(running, key, subject, scopes):
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    account = {
        "type": "service_account", "client_email": "sync@project.iam.gserviceaccount.com",
        "private_key": private, "private_key_id": "1", "token_uri": running.url + "/google/token",
    }  # fmt: skip
    made = service_account.Credentials.from_service_account_info(account, scopes=scopes)
    return made.with_subject(subject)


def trust(drive, key):
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    drive.trust_key(
        account="sync@project.iam.gserviceaccount.com", public_key=public.decode(),
        scopes=[SCOPE + "drive.readonly", SCOPE + "admin.directory.group.readonly"],
    )  # fmt: skip


def test_a_service_account_acts_as_people(running, world, drive, key):
    made = drive.create(name="Mine", owner="ben")
    trust(drive, key)
    credentials = delegated(running, key, "ben@saltmarsh.example", [SCOPE + "drive.readonly"])
    service = sdk.service(running, "", credentials=credentials)
    assert [f["id"] for f in service.files().list().execute()["files"]] == [made]
    assert refused(service.files().update(fileId=made, body={"name": "x"})) == (
        403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    )  # fmt: skip
    # The access token runs out with the world's clock; the client asks for another by itself.
    world.time.advance(seconds=4000)
    assert service.files().list().execute()["files"]
    admin = delegated(
        running, key, "ann@saltmarsh.example", [SCOPE + "admin.directory.group.readonly"]
    )
    directory = sdk.service(running, "", "admin", "directory_v1", credentials=admin)
    assert directory.groups().list(customer="my_customer").execute()["groups"] == []


def test_assertions_that_are_no_good(running, drive, key):
    trust(drive, key)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    read = [SCOPE + "drive.readonly"]
    for credentials in (
        delegated(running, other, "ben@saltmarsh.example", read),
        delegated(running, key, "nobody@saltmarsh.example", read),
        delegated(running, key, "gus@else.example", read),
        delegated(running, key, "ben@saltmarsh.example", [SCOPE + "drive"]),
        delegated(running, key, None, read),
    ):
        http = google_auth_httplib2.Request(httplib2.Http())
        with pytest.raises(google.auth.exceptions.RefreshError):
            credentials.refresh(http)
