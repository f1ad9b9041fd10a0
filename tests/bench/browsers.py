"""Browsers by the hundred in one process, each with keep-alive connections of its own, and how long replies took.

wrk asks as fast as it is answered; a room of candidates does not. These ask when a candidate would: all in one second,
spread over a minute, or every few seconds for as long as a page is open. A browser keeps its cookie and follows where
it is sent.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

PATIENCE_SECONDS = 30.0
"""Nobody waits longer; a reply that has not come by then is an error."""
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and how long after the question."""

    status: int
    head: bytes
    body: bytes
    ms: float

    def header(self, name: str) -> str:
        """Return the value of a header; empty when it was not sent."""
        wanted = name.lower().encode() + b":"
        for line in self.head.split(b"\r\n")[1:]:
            if line[: len(wanted)].lower() == wanted:
                return line[len(wanted) :].strip().decode("latin-1")
        return ""


class _Line(asyncio.Protocol):
    """One connection: a question at a time, and its reply as soon as the last byte is here."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head = b""
        self._whole = 0
        self._waiter: asyncio.Future[tuple[bytes, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._head:
            end = self._buffer.find(_END_OF_HEAD)
            if end < 0:
                return
            self._head = bytes(self._buffer[:end])
            self._whole = end + len(_END_OF_HEAD) + _length(self._head)
        if len(self._buffer) >= self._whole and self._waiter is not None and not self._waiter.done():
            body = bytes(self._buffer[len(self._head) + len(_END_OF_HEAD) : self._whole])
            self._waiter.set_result((self._head, body))

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request and return head and body of its reply."""
        if self._transport is None:
            raise ConnectionError("the server hung up")
        self._buffer.clear()
        self._head, self._whole = b"", 0
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiter

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Browser:
    """Somebody's browser. It keeps its connections and its cookies from one question to the next."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[_Line] = []
        self.cookies: dict[str, str] = {}

    async def get(self, path: str) -> Reply:
        """Ask for a page."""
        return await self._ask("GET", path)

    async def form(self, path: str, fields: dict[str, str]) -> Reply:
        """Send a form."""
        return await self._ask("POST", path, urlencode(fields).encode(), FORM)

    async def json(self, path: str, body: dict[str, Any]) -> Reply:
        """Send what a script sends."""
        return await self._ask("POST", path, json.dumps(body).encode(), JSON)

    def close(self) -> None:
        """Hang up."""
        for line in self._idle:
            line.close()

    async def _ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Reply:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        head += f"Accept: {JSON if kind == JSON else 'text/html'}\r\n"
        head += f"Cookie: {cookies}\r\n" if cookies else ""
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if kind else ""
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._free_line()
            told, content = await line.ask(head.encode() + b"\r\n" + body)
        self._idle.append(line)
        reply = Reply(int(told[9:12]), told, content, (time.perf_counter() - began) * 1000)
        self._keep_cookie(reply)
        return reply

    async def _free_line(self) -> _Line:
        while self._idle:
            line = self._idle.pop()
            if line.is_open:
                return line
        _, line = await asyncio.get_running_loop().create_connection(_Line, "127.0.0.1", self._port)
        return line

    def _keep_cookie(self, reply: Reply) -> None:
        if b"et-cookie:" in reply.head.lower():
            name, _, value = reply.header("Set-Cookie").partition(";")[0].partition("=")
            self.cookies[name] = value


def _length(head: bytes) -> int:
    found = Reply(0, head, b"", 0).header("Content-Length")
    return int(found) if found else 0


Act = Callable[[], Awaitable[float]]
"""What somebody does, from his first question to the last reply; returns how many milliseconds he waited."""


@dataclass(frozen=True)
class Course:
    """How it went: who waited how long, and how long all of it took."""

    waited_ms: tuple[float, ...]
    seconds: float
    complaints: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Acts per second that went well."""
        return len(self.waited_ms) / self.seconds

    def percentile(self, percent: int) -> float:
        """Return how long so many of a hundred waited at most, in milliseconds."""
        return percentile(self.waited_ms, percent)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of some milliseconds; 0 for none."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return quantiles(values, n=100, method="inclusive")[percent - 1]


async def spread(acts: Sequence[Act], seconds: float) -> Course:
    """Let acts begin evenly over so many seconds, whatever becomes of the ones before."""

    async def later(number: int, act: Act) -> None:
        await asyncio.sleep(number * seconds / len(acts))
        await _try(act, waited, complaints)

    waited, complaints = list[float](), list[str]()
    began = time.perf_counter()
    await asyncio.gather(*(later(number, act) for number, act in enumerate(acts)))
    return Course(tuple(waited), time.perf_counter() - began, tuple(complaints))


async def in_turn(acts: Sequence[Act], at_once: int) -> Course:
    """Let so many at once do one act after the other, as fast as they are answered."""

    async def take_turns() -> None:
        while waiting:
            await _try(waiting.pop(), waited, complaints)

    waiting, waited, complaints = list(reversed(acts)), list[float](), list[str]()
    began = time.perf_counter()
    await asyncio.gather(*(take_turns() for _ in range(at_once)))
    return Course(tuple(waited), time.perf_counter() - began, tuple(complaints))


async def _try(act: Act, waited: list[float], complaints: list[str]) -> None:
    try:
        waited.append(await act())
    except (Complaint, OSError, TimeoutError) as error:
        complaints.append(str(error) or type(error).__name__)


class Complaint(Exception):
    """A reply that no candidate should get, or a page with something missing."""


def expect(reply: Reply, status: int) -> Reply:
    """Return a reply of the status that is expected. Raises Complaint."""
    if reply.status != status:
        raise Complaint(f"{reply.status} {reply.body[:200].decode(errors='replace')}")
    return reply
