"""What services, gateways and proxies answer that have not carried a request out."""

from __future__ import annotations

from forwarding import Reply

JSON = ("Content-Type", "application/json")
HTML = ("Content-Type", "text/html")
GARBAGE: Reply = (200, [HTML], b"<html><body>Please sign in to the network.</body></html>")
GATEWAY: Reply = (
    404,
    [JSON],
    b'{"error":{"code":"404","message":"Resource not found"}}',
)
FORBIDDEN: tuple[Reply, ...] = (
    (401, [JSON], b'{"error":{"code":"401","message":"Access denied due to invalid key."}}'),
    (403, [JSON], b'{"error":{"code":"403","message":"Public access is disabled."}}'),
)
