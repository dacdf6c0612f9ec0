"""How issues, pull requests and what is said about them look in REST."""

from __future__ import annotations

from simulator.github.diffs import FileChange, changes
from simulator.github.git import Commit
from simulator.github.ids import node_id
from simulator.github.model import Comment, Issue, LineComment, Pull, Repo, Review
from simulator.github.show import Json, Show, stamp


def reactions(url: str) -> Json:
    """Nobody reacts to anything here."""
    names = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{url}/reactions", "total_count": 0} | dict.fromkeys(names, 0)


def pull_commits(repo: Repo, pull: Pull) -> list[Commit]:
    """A pull request's commits, oldest first."""
    git = repo.git
    base = git.merge_base(pull.head_sha, pull.base_sha)
    known = {c.sha for c in git.history([base.sha])} if base else set()
    return [c for c in git.history([pull.head_sha]) if c.sha not in known][::-1]


def pull_changes(repo: Repo, pull: Pull) -> list[FileChange]:
    """A pull request's diff, from where it left its base."""
    base = repo.git.merge_base(pull.head_sha, pull.base_sha)
    after = repo.git.commits[pull.head_sha].files
    return changes(base.files if base else {}, after, repo.git.blobs)


class ShowTalk:
    """Makes JSON about one repository's conversations."""

    def __init__(self, show: Show, repo: Repo):
        """Write links for the address that was called."""
        self.show, self.repo = show, repo
        self.url, self.page = show.repo_url(repo), show.repo_page(repo)

    def _labels(self, issue: Issue) -> list[Json]:
        return [self.show.label(self.repo, self.repo.labels[name.lower()]) for name in issue.labels]

    def _people(self, issue: Issue) -> Json:
        people = [self.show.user(p) for p in issue.assignees]
        return {"assignee": people[0] if people else None, "assignees": people}

    def issue(self, issue: Issue) -> Json:
        """An issue, or a pull request as one."""
        url = f"{self.url}/issues/{issue.number}"
        kind = "pull" if issue.pull else "issues"
        page = f"{self.page}/{kind}/{issue.number}"
        found: Json = {
            "url": url,
            "repository_url": self.url,
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": page,
            "id": issue.id,
            "node_id": node_id("PullRequest" if issue.pull else "Issue", issue.id),
            "number": issue.number,
            "title": issue.title,
            "user": self.show.user(issue.author),
            "labels": self._labels(issue),
            "state": issue.state,
            "locked": issue.locked,
            "milestone": None,
            "comments": len(issue.comments),
            "created_at": stamp(issue.created),
            "updated_at": stamp(issue.updated),
            "closed_at": stamp(issue.closed) if issue.closed else None,
            "author_association": self.show.association(self.repo, issue.author),
            "active_lock_reason": None,
            "body": issue.body or None,
            "closed_by": self.show.user(issue.closed_by) if issue.closed_by else None,
            "reactions": reactions(url),
            "timeline_url": f"{url}/timeline",
            "performed_via_github_app": None,
            "state_reason": issue.reason or None,
        }
        found |= self._people(issue)
        if issue.pull:
            pull = issue.pull
            found["draft"] = pull.draft
            found["pull_request"] = {
                "url": f"{self.url}/pulls/{issue.number}",
                "html_url": page,
                "diff_url": f"{page}.diff",
                "patch_url": f"{page}.patch",
                "merged_at": stamp(pull.merged) if pull.merged else None,
            }
        return found

    def comment(self, issue: Issue, comment: Comment) -> Json:
        """An issue-comment."""
        url = f"{self.url}/issues/comments/{comment.id}"
        kind = "pull" if issue.pull else "issues"
        return {
            "url": url,
            "html_url": f"{self.page}/{kind}/{issue.number}#issuecomment-{comment.id}",
            "issue_url": f"{self.url}/issues/{issue.number}",
            "id": comment.id,
            "node_id": node_id("IssueComment", comment.id),
            "user": self.show.user(comment.author),
            "created_at": stamp(comment.created),
            "updated_at": stamp(comment.updated),
            "author_association": self.show.association(self.repo, comment.author),
            "body": comment.body,
            "reactions": reactions(url),
            "performed_via_github_app": None,
        }

    def _side(self, branch: str, sha: str) -> Json:
        org = self.show.state.orgs[self.repo.org]
        return {
            "label": f"{org.login}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.show.org_owner(org),
            "repo": self.show.repo(self.repo),
        }

    def pull(self, issue: Issue, pull: Pull) -> Json:
        """A pull-request-simple."""
        url, page = f"{self.url}/pulls/{issue.number}", f"{self.page}/pull/{issue.number}"
        about = f"{self.url}/issues/{issue.number}"
        links = {
            "self": url,
            "html": page,
            "issue": about,
            "comments": f"{about}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{self.url}/pulls/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": f"{self.url}/statuses/{pull.head_sha}",
        }
        found: Json = {
            "url": url,
            "id": issue.id,
            "node_id": node_id("PullRequest", issue.id),
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": about,
            "number": issue.number,
            "state": issue.state,
            "locked": issue.locked,
            "title": issue.title,
            "user": self.show.user(issue.author),
            "body": issue.body or None,
            "created_at": stamp(issue.created),
            "updated_at": stamp(issue.updated),
            "closed_at": stamp(issue.closed) if issue.closed else None,
            "merged_at": stamp(pull.merged) if pull.merged else None,
            "merge_commit_sha": pull.merge_sha or None,
            "requested_reviewers": [self.show.user(p) for p in pull.reviewers],
            "requested_teams": [],
            "labels": self._labels(issue),
            "milestone": None,
            "draft": pull.draft,
            "commits_url": links["commits"],
            "review_comments_url": links["review_comments"],
            "review_comment_url": links["review_comment"],
            "comments_url": links["comments"],
            "statuses_url": links["statuses"],
            "head": self._side(pull.head, pull.head_sha),
            "base": self._side(pull.base, pull.base_sha),
            "_links": {name: {"href": target} for name, target in links.items()},
            "author_association": self.show.association(self.repo, issue.author),
            "auto_merge": None,
            "active_lock_reason": None,
        }
        return found | self._people(issue)

    def pull_full(self, issue: Issue, pull: Pull) -> Json:
        """A pull-request."""
        files = pull_changes(self.repo, pull)
        done = pull.merged is not None or issue.state == "closed"
        return self.pull(issue, pull) | {
            "merged": pull.merged is not None,
            "mergeable": None if done else True,
            "rebaseable": None if done else True,
            "mergeable_state": "unknown" if done else "draft" if pull.draft else "clean",
            "merged_by": self.show.user(pull.merged_by) if pull.merged else None,
            "comments": len(issue.comments),
            "review_comments": len(pull.lines),
            "maintainer_can_modify": False,
            "commits": len(pull_commits(self.repo, pull)),
            "additions": sum(f.additions for f in files),
            "deletions": sum(f.deletions for f in files),
            "changed_files": len(files),
        }

    def review(self, issue: Issue, review: Review) -> Json:
        """A pull-request-review; a draft has no time yet."""
        url = f"{self.url}/pulls/{issue.number}"
        page = f"{self.page}/pull/{issue.number}#pullrequestreview-{review.id}"
        found = {
            "id": review.id,
            "node_id": node_id("PullRequestReview", review.id),
            "user": self.show.user(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": page,
            "pull_request_url": url,
            "author_association": self.show.association(self.repo, review.author),
            "_links": {"html": {"href": page}, "pull_request": {"href": url}},
            "commit_id": review.commit,
        }
        if review.state != "PENDING":
            found["submitted_at"] = stamp(review.at)
        return found

    def line(self, issue: Issue, line: LineComment) -> Json:
        """A pull-request-review-comment."""
        url = f"{self.url}/pulls/comments/{line.id}"
        pull = f"{self.url}/pulls/{issue.number}"
        page = f"{self.page}/pull/{issue.number}#discussion_r{line.id}"
        found = {
            "url": url,
            "pull_request_review_id": line.review,
            "id": line.id,
            "node_id": node_id("PullRequestReviewComment", line.id),
            "diff_hunk": line.hunk,
            "path": line.path,
            "position": line.position,
            "original_position": line.position,
            "commit_id": line.commit,
            "original_commit_id": line.commit,
            "user": self.show.user(line.author),
            "body": line.body,
            "created_at": stamp(line.created),
            "updated_at": stamp(line.updated),
            "html_url": page,
            "pull_request_url": pull,
            "author_association": self.show.association(self.repo, line.author),
            "_links": {
                "self": {"href": url},
                "html": {"href": page},
                "pull_request": {"href": pull},
            },
            "reactions": reactions(url),
            "start_line": None,
            "original_start_line": None,
            "start_side": None,
            "line": line.line,
            "original_line": line.line,
            "side": "RIGHT",
            "subject_type": "line",
        }
        if line.reply_to:
            found["in_reply_to_id"] = line.reply_to
        return found
