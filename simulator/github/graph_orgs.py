"""GraphQL: organisations, their members and SAML identities."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLResolveInfo

from simulator.github.graph_base import wrong
from simulator.github.graph_repos import RepoGraph
from simulator.github.ids import node_id
from simulator.github.model import Identity, Org
from simulator.github.show import Json, stamp
from simulator.github.view import READ


class OrgGraph(RepoGraph):
    """Organisations."""

    def _repo(self, owner: str, name: str) -> Json:
        org = self.state.find_org(owner)
        repo = self.state.find_repo(org, name) if org else None
        if repo is None or self.seen.level(repo) < READ:
            said = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise wrong("NOT_FOUND", said)
        return self.repo(repo)

    def org(self, org: Org) -> Json:
        """An Organization."""
        shown = self.show.org_owner(org)

        def members(_info: GraphQLResolveInfo, **given: Any) -> Json:
            inside = self.seen.in_org(org)
            held = [
                (p, m)
                for p, m in org.members.items()
                if not m.pending and (inside or m.public) and self.user(p)
            ]
            held.sort(key=lambda row: self.state.account(row[0]).id)
            found = self.connection(
                held, lambda r: self.user(r[0]), lambda r: self.state.account(r[0]).id, **given
            )
            roles = {self.state.account(p).id: m.role for p, m in held}
            for edge in found["edges"]:
                role = roles[edge["node"]["databaseId"]].upper()
                edge["role"] = role if inside else None
                edge["hasTwoFactorEnabled"] = True if self.seen.owns(org) else None
            return found

        def repos(_info: GraphQLResolveInfo, **given: Any) -> Json:
            held = [
                r for r in self.state.repos.values() if r.org == org.id and self.seen.level(r) > 0
            ]
            return self.connection(held, self.repo, lambda r: r.id, **given)

        return {
            **self._actor(shown, "Organization"),
            "name": org.name,
            "description": org.description,
            "createdAt": stamp(org.created),
            "viewerIsAMember": org.id in self.seen.member,
            "viewerCanAdminister": self.seen.owns(org),
            # Owners and the app only; others get null.
            "samlIdentityProvider": lambda _i: self._saml(org),
            "membersWithRole": members,
            "repositories": repos,
            "repository": lambda _i, name, **_: self._repo(org.login, name),
        }

    def _saml(self, org: Org) -> Json | None:
        if org.saml is None or not self.seen.owns(org):
            return None
        identities = list(org.saml.values())

        def listed(
            _info: GraphQLResolveInfo,
            login: str = "",
            membersOnly: bool = False,  # noqa: N803
            userName: str = "",  # noqa: N803
            **given: Any,
        ) -> Json:
            wanted = self.state.by_login(login) if login else None
            found = [
                i
                for i in identities
                if (not login or (wanted is not None and i.person == wanted.person))
                and (not userName or i.username == userName)
                and (not membersOnly or i.person in org.members)
            ]
            return self.connection(found, self._identity, lambda i: i.id, **given)

        return {
            "__typename": "OrganizationIdentityProvider",
            "id": f"OIP_{org.id}",
            "issuer": "https://login.saltmarsh.example/saml",
            "ssoUrl": "https://login.saltmarsh.example/saml/sso",
            "organization": lambda _i: self.org(org),
            "externalIdentities": listed,
        }

    def _identity(self, identity: Identity) -> Json:
        emails = [
            {"value": e, "primary": n == 0, "type": None} for n, e in enumerate(identity.emails)
        ]
        return {
            "__typename": "ExternalIdentity",
            "id": node_id("ExternalIdentity", identity.id),
            "guid": identity.guid,
            "samlIdentity": {
                "nameId": identity.name_id,
                "username": identity.username,
                "emails": emails,
                "groups": None,
                "attributes": [
                    {"name": "emails", "value": e, "metadata": None} for e in identity.emails
                ],
            },
            "scimIdentity": {"username": identity.username, "emails": emails, "groups": []},
            "user": lambda _i: self.user(identity.person),
        }
