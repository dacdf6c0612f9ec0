"""The website under ``/github.com``: Git over HTTP for repositories and wikis, and raw files."""

from __future__ import annotations

from simulator.github.git import Git
from simulator.github.model import Repo
from simulator.github.packs import advertise, unpack_request, upload_pack
from simulator.github.state import GithubState
from simulator.github.view import READ, Sight
from simulator.wire import Api, Call, Reply

_SERVICE = "git-upload-pack"
_NO_CACHE = {
    "Expires": "Fri, 01 Jan 1980 00:00:00 GMT",
    "Pragma": "no-cache",
    "Cache-Control": "no-cache, max-age=0, must-revalidate",
}


def refusal(call: Call | None, status: int, reason: str) -> Reply:
    """Plain words; Git asks for a name and password on 401."""
    said = {404: "Repository not found.", 401: "Invalid username or token."}.get(status, reason)
    reply = Reply(status, said.encode(), {"Content-Type": "text/plain"})
    if status == 401:
        reply.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
    return reply


WEB = Api("github", "/github.com", error=refusal, anonymous=True)


def _open(call: Call) -> Repo | Reply:
    """The repository, or the refusal: strangers are asked to sign in, others told of nothing."""
    state = GithubState.of(call.world)
    seen = Sight(state, call.person, call.service, call.token.scopes)
    org = state.find_org(call.params["owner"])
    name = call.params["repo"].removesuffix(".wiki")
    repo = state.find_repo(org, name) if org else None
    if repo is not None and seen.level(repo) >= READ:
        return repo
    return refusal(call, 404 if call.known else 401, "not_found")


def _git(call: Call) -> Git | Reply:
    repo = _open(call)
    if isinstance(repo, Reply):
        return repo
    if not call.params["repo"].endswith(".wiki"):
        return repo.git
    if not repo.has_wiki or repo.wiki.head is None:
        return refusal(call, 404, "not_found")
    return repo.wiki


@WEB.get("/{owner}/{repo}.git/info/refs", "git.refs")
def info_refs(call: Call) -> Reply:
    """What there is to fetch."""
    git = _git(call)
    if isinstance(git, Reply):
        return git
    if call.arg("service") != _SERVICE:
        return refusal(call, 403, "Please upgrade your git client.")
    kind = f"application/x-{_SERVICE}-advertisement"
    return Reply(200, advertise(git), {"Content-Type": kind, **_NO_CACHE})


@WEB.post("/{owner}/{repo}.git/git-upload-pack", "git.pack")
def fetch(call: Call) -> Reply:
    """What was asked for."""
    git = _git(call)
    if isinstance(git, Reply):
        return git
    try:
        lines = unpack_request(call.body, call.headers.get("content-encoding", ""))
    except (ValueError, OSError):
        return refusal(call, 400, "Bad Request")
    kind = f"application/x-{_SERVICE}-result"
    return Reply(200, upload_pack(git, lines), {"Content-Type": kind, **_NO_CACHE})


@WEB.get("/{owner}/{repo}/raw/{rest:path}", "web.raw")
def raw(call: Call) -> Reply:
    """A file's bytes: ``raw/<branch or commit>/<path>``."""
    repo = _open(call)
    if isinstance(repo, Reply):
        return repo
    parts = call.params["rest"].split("/")
    for cut in range(1, len(parts)):
        at, path = repo.git.find("/".join(parts[:cut])), "/".join(parts[cut:])
        if at is not None and path in at.files:
            kind = {"Content-Type": "text/plain; charset=utf-8"}
            return Reply(200, repo.git.blobs[at.files[path]], kind)
    return refusal(call, 404, "not_found")


@WEB.get("/{owner}/{repo}/wiki/{page}.md", "web.wiki")
def wiki_page(call: Call) -> Reply:
    """A wiki page's source."""
    repo = _open(call)
    if isinstance(repo, Reply):
        return repo
    head = repo.wiki.head if repo.has_wiki else None
    blob = head.files.get(f"{call.params['page']}.md") if head else None
    if blob is None:
        return refusal(call, 404, "not_found")
    return Reply(200, repo.wiki.blobs[blob], {"Content-Type": "text/plain; charset=utf-8"})
