"""A real browser, handed in: the release's files, launch, server, page and the session that the stages above are given."""
