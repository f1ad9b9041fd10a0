"""The hot lane: the routes that thousands call at once are answered below Flask when nothing is amiss.

A request through Flask costs several times what the write itself costs: sessions, forms, sign-in and headers are
prepared for each request, and a leased route uses none of them. The lane reads the body, asks the same function that
the Flask view asks, and answers. Whatever is not a plain success is handed to Flask with its body untouched, so that
refusals, their words and their statuses have one home. Handing over may do the write again: hot writes carry a
sequence number, and the same one again gets the same reply.
"""

import io
import json
import logging
import os
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lms.app.security import JSON, reply_headers
from lms.core.errors import Busy, Refusal
from lms.core.unit_of_work import Runtime
from lms.exam.hot import answer_save
from lms.exam.watch_hot import answer_visit
from lms.study.hot import answer_beat

HotAnswer = Callable[[Runtime, dict[str, Any], int], str | None]
Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

HOT_ROUTES: Mapping[str, HotAnswer] = {
    "/api/v1/study/beat": answer_beat,
    "/api/v1/exam/answer": answer_save,
    "/api/v1/exam/visit": answer_visit,
}
MOST_BYTES = 4096
ARRIVED = "lms.arrived_ms"
"""When the request reached us, for the Flask that may take over."""
TURNED_AWAY = "lms.turned_away"
"""The Busy that the store answered with: Flask says it, and nobody waits a second time."""

_READ = json.JSONDecoder().raw_decode
"""Does not look for blanks around a body: one that has some is read by Flask."""
_NUMBERS = random.Random()  # noqa: S311 - a name to find a request by; the kernel's numbers cost a turn at the interpreter
os.register_at_fork(after_in_child=_NUMBERS.seed)  # forks of one process would give the same names

log = logging.getLogger(__name__)


class HotLane:
    """A WSGI application before another one."""

    def __init__(self, inner: Application, house: Runtime, hosts: Iterable[str], *, https: bool) -> None:
        self._inner = inner
        self._house = house
        self._hosts = frozenset(hosts)
        self._headers = [
            *reply_headers(https=https, is_data=True).items(), ("Cache-Control", "no-store"), ("Content-Type", JSON),
        ]  # fmt: skip

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a hot request, or let the application behind answer."""
        answer = HOT_ROUTES.get(environ["PATH_INFO"])
        if answer is None or environ["REQUEST_METHOD"] != "POST":
            with self._house.pages.turn():
                return self._inner(environ, start_response)
        arrival = environ[ARRIVED] = self._house.clock.now_ms()
        reply = self._reply(answer, environ, arrival)
        if reply is None:
            return self._inner(environ, start_response)
        data = reply.encode()
        start_response(
            "200 OK",
            [
                *self._headers,
                ("X-Request-ID", f"{_NUMBERS.getrandbits(48):012x}"),
                ("Content-Length", str(len(data))),
            ],
        )
        return [data]

    def _reply(self, answer: HotAnswer, environ: Environ, arrival: int) -> str | None:
        """Return the reply to a plain success. None: nothing was decided here, the body can be read again."""
        body = self._body(environ)
        if body is None:
            return None
        try:
            return answer(self._house, body, arrival)
        except Busy as busy:
            environ[TURNED_AWAY] = busy
        except Refusal:
            pass  # said by Flask, in the reader's language
        except Exception:
            # Flask meets it again and answers it like any other fault of ours.
            log.exception("the hot lane could not answer")
        return None

    def _body(self, environ: Environ) -> dict[str, Any] | None:
        length = environ.get("CONTENT_LENGTH") or ""
        if (
            not length.isdigit()
            or not 0 < int(length) <= MOST_BYTES
            or not environ.get("CONTENT_TYPE", "").startswith(JSON)
            or self._host(environ) not in self._hosts
        ):
            return None
        data = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(data)
        if b"\\u0000" in data:
            return None
        try:
            text = data.decode()
            body, end = _READ(text)
        except (ValueError, RecursionError):
            return None
        return body if end == len(text) and isinstance(body, dict) else None

    @staticmethod
    def _host(environ: Environ) -> str:
        host: str = environ.get("HTTP_HOST", "")
        return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
