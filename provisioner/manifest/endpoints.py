"""Addresses of services: which of them may be sent a credential."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit


def is_safe(endpoint: str) -> bool:
    """Say whether nobody on the way can read what is sent to an endpoint."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not re.fullmatch(r"[!-~]+", endpoint) or "\\" in endpoint or port == 0:
        return False
    if not re.fullmatch(r"[0-9A-Za-z._-]+|[0-9A-Fa-f:.]+", host):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(re.sub(r"^\[|\]$", "", host)).is_loopback
    except ValueError:
        return False
