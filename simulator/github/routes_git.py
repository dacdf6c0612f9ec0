"""REST: files, trees, commits, branches, and what writes them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote

from simulator.clock import parse
from simulator.faults import FaultKind
from simulator.github.api import API, Refused, listing, payload, repository, words
from simulator.github.diffs import changes
from simulator.github.git import FOLDER, Commit
from simulator.github.model import Repo
from simulator.github.show import Json, Show
from simulator.github.show_git import ShowGit
from simulator.github.view import WRITE, Sight
from simulator.wire import Call, Reply, reply_json

_DIFF_FILES = 300
_REPO = "/repos/{owner}/{repo}"


def _git(call: Call, need: int = 1, *, write: bool = False) -> tuple[Sight, Repo, ShowGit]:
    seen, repo = repository(call, need, write=write)
    return seen, repo, ShowGit(Show(call, seen), repo)


def _slug(seen: Sight, repo: Repo) -> str:
    return f"{seen.state.orgs[repo.org].login}/{repo.name}"


def _at(repo: Repo, ref: str) -> Commit:
    found = repo.git.find(ref)
    if found is None and not repo.git.branches:
        raise Refused(404, "This repository is empty.")
    if found is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    return found


@API.get(_REPO + "/contents", "contents.root")
def root(call: Call) -> Reply:
    """The top folder."""
    return contents(call)


@API.get(_REPO + "/contents/{path:path}", "contents.get")
def contents(call: Call) -> Reply:
    """A file with its content, or a folder's entries."""
    _, repo, show = _git(call)
    path, ref = call.params.get("path", "").strip("/"), call.arg("ref") or repo.git.default
    at = _at(repo, ref)
    blob = at.files.get(path)
    raw = "raw" in call.headers.get("accept", "")
    if blob is not None:
        if raw:
            kind = "application/vnd.github.raw+json; charset=utf-8"
            return Reply(200, repo.git.blobs[blob], {"Content-Type": kind})
        return reply_json(show.file(path, blob, ref))
    tree = at.tree
    for part in path.split("/") if path else ():
        inside = {e.name: e.sha for e in repo.git.trees[tree] if e.mode == FOLDER}
        if part not in inside:
            raise Refused(404, "Not Found")
        tree = inside[part]
    above = f"{path}/" if path else ""
    rows = [
        show.entry(above + e.name, e.sha, "tree" if e.mode == FOLDER else "blob", ref)
        for e in repo.git.trees[tree][:1000]
    ]
    return reply_json(rows)


@API.get(_REPO + "/readme", "contents.readme")
def readme(call: Call) -> Reply:
    """The README, wherever GitHub looks for it."""
    _, repo, show = _git(call)
    ref = call.arg("ref") or repo.git.default
    at = _at(repo, ref)
    for path in (".github/README.md", "README.md", "readme.md", "README", "docs/README.md"):
        if path in at.files:
            if "raw" in call.headers.get("accept", ""):
                kind = "application/vnd.github.raw+json; charset=utf-8"
                return Reply(200, repo.git.blobs[at.files[path]], {"Content-Type": kind})
            return reply_json(show.file(path, at.files[path], ref))
    raise Refused(404, "Not Found")


@API.get(_REPO + "/git/trees/{tree_sha}", "git.tree")
def tree(call: Call) -> Reply:
    """A tree by its name, a commit's or a branch's; ``recursive`` may be cut off."""
    _, repo, show = _git(call)
    name = call.params["tree_sha"]
    if name not in repo.git.trees:
        found = repo.git.find(name)
        if found is None and not repo.git.branches:
            raise Refused(409, "Git Repository is empty.")
        if found is None:
            raise Refused(404, "Not Found")
        name = found.tree
    # Any value counts, ``recursive=0`` too.
    rows = show.tree_entries(name, "recursive" in call.query)
    most = show.show.state.tree_entries
    if call.fault(FaultKind.TRUNCATED_TREE):
        most = len(rows) // 2
    said = {
        "sha": name,
        "url": f"{show.url}/git/trees/{name}",
        "tree": rows[:most],
        "truncated": len(rows) > most,
    }
    return reply_json(said)


@API.get(_REPO + "/git/blobs/{file_sha}", "git.blob")
def blob(call: Call) -> Reply:
    """A blob by its name."""
    _, repo, show = _git(call)
    if call.params["file_sha"] not in repo.git.blobs:
        raise Refused(404, "Not Found")
    if "raw" in call.headers.get("accept", ""):
        kind = "application/vnd.github.raw+json; charset=utf-8"
        return Reply(200, repo.git.blobs[call.params["file_sha"]], {"Content-Type": kind})
    return reply_json(show.blob(call.params["file_sha"]))


@API.get(_REPO + "/git/commits/{commit_sha}", "git.commit")
def git_commit(call: Call) -> Reply:
    """A commit as Git has it."""
    _, repo, show = _git(call)
    found = repo.git.commits.get(call.params["commit_sha"])
    if found is None:
        raise Refused(404, "Not Found")
    return reply_json(show.git_commit(found))


def _touches(repo: Repo, path: str) -> Callable[[Commit], bool]:
    def picked(files: dict[str, str] | None) -> dict[str, str]:
        return {p: b for p, b in (files or {}).items() if p == path or p.startswith(f"{path}/")}

    def touched(commit: Commit) -> bool:
        parents = [repo.git.commits[p] for p in commit.parents]
        mine = picked(dict(commit.files))
        if not parents:
            return bool(mine)
        return all(picked(dict(parent.files)) != mine for parent in parents)

    return touched


@API.get(_REPO + "/commits", "commits.list")
def commits(call: Call) -> Reply:
    """History of a branch, newest first; with ``path``, what touched it under that name."""
    seen, repo, show = _git(call)
    if not repo.git.branches:
        raise Refused(409, "Git Repository is empty.")
    start = _at(repo, call.arg("sha") or repo.git.default)
    found = list(repo.git.history([start.sha]))
    path = call.arg("path").strip("/")
    if path:
        found = list(filter(_touches(repo, path), found))
    for name, late in (("since", False), ("until", True)):
        if call.arg(name):
            edge = _time(call, name)
            found = [c for c in found if (c.at <= edge if late else c.at >= edge)]
    author = call.arg("author")
    if author:
        account = seen.state.by_login(author)
        person = account.person if account else None
        found = [c for c in found if c.by.person == person or c.by.email == author]
    return listing(call, found, show.commit)


def _time(call: Call, name: str) -> datetime:
    try:
        return parse(call.arg(name).replace(" ", "+"))
    except ValueError as wrong:
        raise Refused(422, f"Invalid {name}") from wrong


@API.get(_REPO + "/commits/{ref:path}", "commits.get")
def commit(call: Call) -> Reply:
    """A commit with its files, by branch or name."""
    _, repo, show = _git(call)
    ref = call.params["ref"]
    if not repo.git.branches:
        raise Refused(409, "Git Repository is empty.")
    found = repo.git.find(ref)
    if found is None:
        raise Refused(422, f"No commit found for SHA: {ref}")
    if call.headers.get("accept", "").endswith(".sha"):
        return Reply(200, found.sha.encode(), {"Content-Type": "text/plain"})
    return reply_json(show.commit_full(found))


@API.get(_REPO + "/compare/{basehead:path}", "commits.compare")
def compare(call: Call) -> Reply:
    """What ``base...head`` brings: commits, and files with renames (300 at most)."""
    _, repo, show = _git(call)
    base_ref, dots, head_ref = unquote(call.params["basehead"]).partition("...")
    base_ref, head_ref = base_ref.rpartition(":")[2], head_ref.rpartition(":")[2]
    base, head = repo.git.find(base_ref), repo.git.find(head_ref)
    if not dots or base is None or head is None:
        raise Refused(404, "Not Found")
    fork = repo.git.merge_base(head.sha, base.sha)
    if fork is None:
        raise Refused(404, f"No common ancestor between {base_ref} and {head_ref}.")
    behind = {c.sha for c in repo.git.history([base.sha])}
    ours = {c.sha for c in repo.git.history([head.sha])}
    ahead = [repo.git.commits[sha] for sha in ours - behind]
    ahead.sort(key=lambda c: (c.at, list(repo.git.commits).index(c.sha)))
    late = len(behind - ours)
    status = "diverged" if ahead and late else "ahead" if ahead else "behind" if late else ""
    files = changes(fork.files, head.files, repo.git.blobs)[:_DIFF_FILES]
    web = f"{show.page}/compare/{base_ref}...{head_ref}"
    first = call.number("page", 1, 10**9) == 1

    def whole(rows: list[Json]) -> Json:
        found: Json = {
            "url": f"{show.url}/compare/{base_ref}...{head_ref}",
            "html_url": web,
            "permalink_url": f"{show.page}/compare/{base.sha[:7]}...{head.sha[:7]}",
            "diff_url": f"{web}.diff",
            "patch_url": f"{web}.patch",
            "base_commit": show.commit(base),
            "merge_base_commit": show.commit(fork),
            "status": status or "identical",
            "ahead_by": len(ahead),
            "behind_by": late,
            "total_commits": len(ahead),
            "commits": rows,
        }
        if first:
            found["files"] = [show.change(f, head.sha) for f in files]
        return found

    if "per_page" not in call.query:
        call.query["per_page"] = ["100"]
    return listing(call, ahead, show.commit, wrap=whole)


@API.get(_REPO + "/branches", "branches.list")
def branches(call: Call) -> Reply:
    """All branches by name."""
    _, repo, show = _git(call)
    return listing(call, sorted(repo.git.branches.items()), lambda b: show.branch(*b))


@API.get(_REPO + "/branches/{branch:path}", "branches.get")
def branch(call: Call) -> Reply:
    """A branch with its commit."""
    _, repo, show = _git(call)
    name = call.params["branch"]
    sha = repo.git.branches.get(name)
    if sha is None:
        raise Refused(404, "Branch not found")
    url = f"{show.url}/branches/{name}"
    off: Json = {
        "enabled": False,
        "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
    }
    said = show.branch(name, sha) | {
        "commit": show.commit(repo.git.commits[sha]),
        "_links": {"self": url, "html": f"{show.page}/tree/{name}"},
        "protection": off,
        "protection_url": f"{url}/protection",
    }
    return reply_json(said)


@API.get(_REPO + "/git/ref/{ref:path}", "refs.get")
def ref(call: Call) -> Reply:
    """One reference, such as ``heads/main``."""
    _, repo, show = _git(call)
    name = call.params["ref"].removeprefix("heads/")
    if not call.params["ref"].startswith("heads/") or name not in repo.git.branches:
        raise Refused(404, "Not Found")
    return reply_json(show.ref(name, repo.git.branches[name]))


@API.get(_REPO + "/git/matching-refs/{ref:path}", "refs.matching")
def matching_refs(call: Call) -> Reply:
    """References that begin so."""
    _, repo, show = _git(call)
    held = [
        (name, sha)
        for name, sha in sorted(repo.git.branches.items())
        if f"heads/{name}".startswith(call.params["ref"])
    ]
    return listing(call, held, lambda b: show.ref(*b))


@API.get(_REPO + "/git/refs", "refs.list")
def refs(call: Call) -> Reply:
    """All references."""
    _, repo, show = _git(call)
    return listing(call, sorted(repo.git.branches.items()), lambda b: show.ref(*b))


@API.post(_REPO + "/git/refs", "refs.create")
def create_ref(call: Call) -> Reply:
    """A new branch."""
    seen, repo, show = _git(call, WRITE, write=True)
    given = payload(call)
    name, sha = words(given, "ref"), words(given, "sha")
    if not name.startswith("refs/heads/") or not name.removeprefix("refs/heads/"):
        raise Refused(422, f"{name} is not a valid ref name.")
    name = name.removeprefix("refs/heads/")
    if name in repo.git.branches:
        raise Refused(422, "Reference already exists")
    if sha not in repo.git.commits:
        raise Refused(422, "Object does not exist")
    seen.state.create_branch(repo=_slug(seen, repo), branch=name, source=sha)
    reply = reply_json(show.ref(name, sha), 201)
    reply.headers["Location"] = show.ref(name, sha)["url"]
    return reply


@API.delete(_REPO + "/git/refs/{ref:path}", "refs.delete")
def delete_ref(call: Call) -> Reply:
    """Delete a branch."""
    seen, repo, _ = _git(call, WRITE, write=True)
    name = call.params["ref"].removeprefix("heads/")
    if name not in repo.git.branches:
        raise Refused(422, "Reference does not exist")
    if name == repo.git.default:
        raise Refused(422, "Cannot delete the default branch")
    seen.state.delete_branch(repo=_slug(seen, repo), branch=name)
    return Reply(204)


def _given_file(call: Call, repo: Repo) -> tuple[Json, str, str, str | None]:
    given = payload(call)
    path, name = call.params["path"].strip("/"), words(given, "branch", repo.git.default)
    if not words(given, "message"):
        raise Refused(422, 'Invalid request.\n\n"message" wasn\'t supplied.')
    tip = repo.git.commits.get(repo.git.branches.get(name, ""))
    if tip is None and (name != repo.git.default or repo.git.branches):
        raise Refused(404, f"Branch {name} not found")
    known = tip.files.get(path) if tip else None
    if known is not None and not words(given, "sha"):
        raise Refused(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if given.get("sha") and given["sha"] != known:
        raise Refused(409, f"{path} does not match {given['sha']}")
    return given, path, name, known


def _file_commit(show: ShowGit, sha: str, content: Json | None, status: int) -> Reply:
    made = show.git_commit(show.repo.git.commits[sha])
    return reply_json({"content": content, "commit": made}, status)


@API.put(_REPO + "/contents/{path:path}", "contents.put")
def put_file(call: Call) -> Reply:
    """Create or change a file; changing needs the blob that is there (409 if it moved on)."""
    seen, repo, show = _git(call, WRITE, write=True)
    given, path, name, known = _given_file(call, repo)
    content = "".join(words(given, "content").split())
    try:
        base64.b64decode(content, validate=True)
    except ValueError as wrong:
        raise Refused(422, "content is not valid Base64") from wrong
    sha = seen.state.write_file(
        repo=_slug(seen, repo),
        path=path,
        text=content,
        by=seen.who,
        branch=name,
        message=words(given, "message"),
        encoded=True,
    )
    blob = repo.git.commits[sha].files[path]
    return _file_commit(show, sha, show.entry(path, blob, "blob", name), 200 if known else 201)


@API.delete(_REPO + "/contents/{path:path}", "contents.delete")
def delete_file(call: Call) -> Reply:
    """Delete a file."""
    seen, repo, show = _git(call, WRITE, write=True)
    given, path, name, known = _given_file(call, repo)
    if known is None:
        raise Refused(404, "Not Found")
    sha = seen.state.delete_file(
        repo=_slug(seen, repo), path=path, by=seen.who, branch=name, message=words(given, "message")
    )
    return _file_commit(show, sha, None, 200)
