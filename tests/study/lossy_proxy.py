"""A real server on a real socket, and a proxy before it that loses requests or replies as a bad network does."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler

from tests.support.threads import served

CHUNK = 65536
PATIENCE_SECONDS = 20.0


class Loss(StrEnum):
    """What becomes of one connection."""

    NONE = ""
    REQUEST = "request"
    """The request never reaches the site."""
    REPLY = "reply"
    """The site has answered, and nobody hears it."""


class Quiet(WSGIRequestHandler):
    """Says nothing about each request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class LossyProxy:
    """Forwards one request per connection, and loses what its list says, one entry for each connection."""

    def __init__(self, upstream_port: int) -> None:
        self.losses: list[Loss] = []
        self.reached = 0
        """How many requests the site has answered."""
        self._upstream = upstream_port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with closing(client):
                self._forward(client, self.losses.pop(0) if self.losses else Loss.NONE)

    def _forward(self, client: socket.socket, loss: Loss) -> None:
        client.settimeout(PATIENCE_SECONDS)
        request = _whole_request(client)
        if loss is Loss.REQUEST or not request:
            return
        with socket.create_connection(("127.0.0.1", self._upstream), PATIENCE_SECONDS) as site:
            site.sendall(request)
            reply = b""
            while part := site.recv(CHUNK):
                reply += part
        self.reached += 1
        if loss is not Loss.REPLY:
            client.sendall(reply)


def _whole_request(client: socket.socket) -> bytes:
    """Read the head and as much of a body as it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(CHUNK)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < wanted:
        body += client.recv(CHUNK)
    return head + b"\r\n\r\n" + body


@contextmanager
def lossy_site(app: Flask) -> Iterator[LossyProxy]:
    """Serve an application on a socket behind a proxy that loses what it is told to lose."""
    with served(app, Quiet) as port:
        proxy = LossyProxy(port)
        try:
            yield proxy
        finally:
            proxy.close()


def send_until_heard(port: int, address: str, body: Any, tries: int) -> tuple[int, str, int]:
    """Send the same request again until a whole reply comes; return its status, its text and the number of tries."""
    data = json.dumps(body).encode()
    for number in range(1, tries + 1):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(
                "POST", address, data, {"Content-Type": "application/json", "Connection": "close"}
            )
            reply = connection.getresponse()
            return reply.status, reply.read().decode(), number
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    raise AssertionError(f"nothing was heard in {tries} tries")
