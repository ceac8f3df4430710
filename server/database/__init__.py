"""PostgreSQL: the embedded server, pool, bus, repositories, queries and migrations."""
