"""The workspace as a Dagster resource."""

import dagster as dg
from pydantic import PrivateAttr

from workspace.workspace import Workspace


class WorkspaceResource(dg.ConfigurableResource[Workspace]):
    """Opens the workspace that the environment describes, for the length of a run.

    Secrets stay in the environment: nothing of them reaches run configuration or events.
    """

    _workspace: Workspace | None = PrivateAttr(default=None)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Release what it opened."""
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None

    @property
    def parts(self) -> Workspace:
        """The workspace, opened when first asked for: what is wrong there an asset tells."""
        if self._workspace is None:
            self._workspace = Workspace()
        return self._workspace
