"""Plans on disk: written for a review, and carried out later just as they were reviewed."""
