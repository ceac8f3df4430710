"""Pictures of the pages for docs/screenshots/, from a running demonstration."""
