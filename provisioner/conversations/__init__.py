"""Conversations: threads that are held with assistants, and what comes of them."""
