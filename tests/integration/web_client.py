"""A small HTTP client for tests: http.client with cookies and redirects, answers as they came."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

SEEN = (301, 302, 303)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(slots=True)
class WebClient:
    """Talks to one address and keeps its cookies."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(
        self, path: str, *, headers: dict[str, str] | None = None, follow: bool = True
    ) -> Answer:
        return self.send("GET", path, b"", headers or {}, follow)

    def post(
        self, path: str, content: bytes | str = b"", *, headers: dict[str, str] | None = None
    ) -> Answer:
        body = content.encode() if isinstance(content, str) else content
        return self.send("POST", path, body, headers or {}, True)

    def form(
        self,
        path: str,
        fields: dict[str, str],
        *,
        headers: dict[str, str] | None = None,
        follow: bool = True,
    ) -> Answer:
        """Send a form as a browser does."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(fields).encode(), kind | (headers or {}), follow)

    def send(
        self, verb: str, path: str, body: bytes, headers: dict[str, str], follow: bool
    ) -> Answer:
        """The answer; with follow, that of the page a redirect leads to."""
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"cookie": kept} | headers if kept else dict(headers)
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        try:
            connection.request(verb, path, body if verb == "POST" else None, sent)
            reply = connection.getresponse()
            answer = Answer(
                reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
            )
        finally:
            connection.close()
        for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        if follow and answer.status in SEEN:
            return self.send("GET", answer.headers["location"], b"", {}, True)
        return answer
