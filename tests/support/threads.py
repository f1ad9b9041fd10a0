"""Threads of a test: an application of this process behind a real socket, and a call beside the test's own loop."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import TypeVar

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

Result = TypeVar("Result")


def aside(call: Callable[[], Result]) -> Result:
    """Make a call in a thread of its own: a browser's driver keeps a loop running in the test's, and forbids others."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(call).result()


@contextmanager
def served(app: Flask, handler: type[WSGIRequestHandler] | None = None) -> Iterator[int]:
    """Serve an application on loopback; yield the port. It has ended when the block is left."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
