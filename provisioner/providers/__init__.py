"""Providers: the services that an environment can be applied to."""
