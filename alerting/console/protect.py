"""The outermost layer: which names are answered to, and what a browser may do with the answer."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'"
)
LINKS = "/a/"
"""Where the pages behind the links of calls stand: no scripts, one form."""
LINK_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Protect:
    """Answers 421 to a foreign Host header; adds the security headers to every response.

    Nothing is cached unasked: state is `no-store`, files are `no-cache` (kept, but revalidated by ETag).
    """

    def __init__(self, app: ASGIApp, answers_to: frozenset[str]) -> None:
        self._app = app
        self._answers_to = answers_to

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cache = "no-cache" if scope["path"].startswith("/static/") or scope["path"] == "/" else "no-store"

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["cache-control"] = cache
                is_link = scope["path"].startswith(LINKS)
                headers["content-security-policy"] = LINK_POLICY if is_link else CONTENT_SECURITY_POLICY
            await send(message)

        known = host_name(Headers(scope=scope).get("host", "")) in self._answers_to
        await (self._app if known else _refusal)(scope, receive, send_protected)


_refusal = PlainTextResponse(
    "This console does not answer to the name in the Host header. Open it as 127.0.0.1 or localhost,"
    " or add the name to `hosts` in the [console] section.\n",
    status_code=421,
)


def host_name(header: str) -> str:
    """The name of a Host header without port and brackets, in lower case: `[::1]:8470` is `::1`."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()
