"""The map: basemap, streets, addresses."""
