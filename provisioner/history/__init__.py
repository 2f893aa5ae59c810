"""Revisions: what was applied, when and by whom, kept so that it can be compared and put back."""
