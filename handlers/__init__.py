"""What the assistant does: one file per job, each a few plain async functions."""
