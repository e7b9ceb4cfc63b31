"""Stand-in servers of accounting systems, for demonstrations and tests."""
