"""The site and its two baselines on one core, of which one works at a time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.bench.cores import Cores
from tests.bench.rig import House
from tests.support.web import WebProcess


@dataclass(frozen=True)
class Trio:
    """Three servers of the same kind: without a framework, with plain Flask, and the site."""

    null: WebProcess
    plain: WebProcess
    site: WebProcess

    @contextmanager
    def only(self, server: WebProcess) -> Iterator[WebProcess]:
        """Let one of them work while the others rest."""
        server.wake()
        try:
            yield server
        finally:
            server.rest()


@contextmanager
def trio(house: House, cores: Cores, processes: int = 1) -> Iterator[Trio]:
    """Start the three servers of a house, each of so many processes, all at rest; stop them at the end."""
    with ExitStack() as closing:
        servers = []
        for app in ("tests.bench.baseline:null", "tests.bench.baseline:app", "wsgi:app"):
            server = house.web(app, cores.serving, processes=processes)
            closing.callback(server.stop)
            server.start()
            server.wait_until_ready()
            server.rest()
            servers.append(server)
        yield Trio(*servers)
