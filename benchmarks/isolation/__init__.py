"""One run, shut off from everything else: limits that hold, and no orphan."""
