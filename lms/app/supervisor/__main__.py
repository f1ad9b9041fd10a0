"""`python -m lms.app.supervisor`: run the site until Ctrl-C."""

import argparse
import contextlib
import sys
from pathlib import Path

import click

from lms.app.supervisor import site
from lms.app.supervisor.children import CannotRun
from lms.app.supervisor.lock import InstanceLock
from lms.app.supervisor.loop import Supervisor
from lms.certificates.seal_keys import make_if_missing
from lms.core.clock import from_ms, host_ms
from lms.core.settings import Settings, UnsafeSettings

REDIS_WAIT_SECONDS = 30.0
WEB_WAIT_SECONDS = 60.0


def say(line: str) -> None:
    """Print a line for the operator; a closed terminal must not keep the site from stopping in order."""
    with contextlib.suppress(OSError):
        click.echo(line)


def main(arguments: list[str] | None = None) -> int:
    """Run the site; return 0 after a wish to stop, 1 when it could not start or go on."""
    parser = argparse.ArgumentParser(prog="python -m lms.app.supervisor", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    parser.add_argument("--app", default="wsgi:app", help="what to serve, as MODULE:NAME")
    parser.add_argument("--greeting", type=Path, help="a file to show when the site is ready")
    parser.add_argument("--since", type=float, help="seconds since 1970 at which the start began")
    options = parser.parse_args(arguments)
    began = options.since if options.since is not None else host_ms() / 1000
    try:
        settings = Settings.load()
        settings.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = InstanceLock(settings.instance_dir)
        lock.take()
        site.refuse_taken_port(options.host, options.port)
        # Here and never in the web part, which is not to know where they lie.
        if make_if_missing(settings, from_ms(host_ms())):
            say(f"seal | keys made in {settings.effective_seal_dir}: back them up · 签章密钥已生成，请备份")
    except (CannotRun, UnsafeSettings) as refusal:
        say(f"cannot start: {refusal}")
        return 1
    address = f"http://{_for_address(site.reachable(options.host))}:{options.port}"
    supervisor = Supervisor(lock, address, say)
    status = 0
    try:
        if _start(supervisor, settings, options):
            _greet(address, host_ms() / 1000 - began, options.greeting)
            supervisor.run()
    except CannotRun as refusal:
        say(f"supervisor | stopping: {refusal}")
        status = 1
    supervisor.stop()
    lock.release()
    say("supervisor | everything has stopped · 已全部停止")
    return status


def _start(supervisor: Supervisor, settings: Settings, options: argparse.Namespace) -> bool:
    """Start every part and wait for readiness; False when asked to stop meanwhile."""
    redis_url = site.given_redis_url(settings)
    if not redis_url:
        socket_path = site.redis_socket(settings.instance_dir)
        redis_url = f"unix://{socket_path}"
        supervisor.add(site.redis_part(settings.instance_dir, socket_path))
    site.read_the_code()
    if not supervisor.wait_until(
        lambda: site.answers_ping(redis_url),
        REDIS_WAIT_SECONDS,
        "Redis did not answer a ping; its redis.log is below instance/redis",
    ):
        return False
    environment = {"LMS_REDIS_URL": redis_url, "LMS_INSTANCE_DIR": str(settings.instance_dir.resolve())}
    for part in site.site_parts(options.host, options.port, options.app, environment):
        supervisor.add(part)
    return supervisor.wait_until(
        lambda: site.is_healthy(options.host, options.port), WEB_WAIT_SECONDS, "the web server was not ready"
    )


def _greet(address: str, seconds: float, greeting: Path | None) -> None:
    if greeting is not None:
        say(greeting.read_text(encoding="utf-8").rstrip())
    say(f"\nready after {seconds:.1f} s: {address}   (Ctrl-C stops everything)")
    say(f"已就绪，用时 {seconds:.1f} 秒：{address}   （按 Ctrl-C 全部停止）\n")


def _for_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    sys.exit(main())
