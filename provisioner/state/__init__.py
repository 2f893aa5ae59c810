"""State: what was last applied, kept so that nothing is lost."""
