"""Streets: the base map, the names of places and the graph of ways, all from one OSM extract."""
