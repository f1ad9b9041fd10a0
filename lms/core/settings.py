"""Settings from the environment, and the refusal of unsafe ones in production."""

import base64
import os
import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from lms.core.errors import N_

ROOT = Path(__file__).resolve().parents[2]
MIN_SECRET_LENGTH = 32
KEY_BYTES = 32
_INNER_ADDRESS = re.compile(r"(/[A-Za-z0-9_-]+)+/?")


class UnsafeSettings(RuntimeError):
    """Raised when a production site would start with settings that break a promise."""


class Settings(BaseSettings):
    """Everything that may differ between two installations.

    Read from environment variables with the prefix ``LMS_`` and from ``secrets.env`` in the
    instance folder, which `script/start` writes once with mode 0600.
    """

    model_config = SettingsConfigDict(env_prefix="LMS_", extra="ignore")

    env: Literal["development", "test", "production"] = "development"
    instance_dir: Path = ROOT / "instance"
    secret_key: SecretStr = SecretStr("")
    """Signs cookies and leases; at least 32 characters."""
    field_key: SecretStr = SecretStr("")
    """Seals personal values at rest: base64 of 32 bytes."""
    index_key: SecretStr = SecretStr("")
    """Keys the blind index by which sealed ID numbers are found: base64 of 32 bytes."""
    database_url: str = ""
    """SQLAlchemy address; empty means SQLite in the instance folder."""
    redis_url: str = ""
    """Redis address; empty means the socket in the instance folder."""
    storage_dir: Path | None = None
    video_max_mb: int = Field(default=2000, ge=1, le=2000)
    """How large a video may be that is uploaded in the browser, in megabytes of a million bytes."""
    accel_prefix: str = ""
    """Where nginx serves the storage folder internally, such as `/stored`; empty lets the site send videos itself."""
    seal_dir: Path | None = None
    """Where the keys of the certificates' seal lie; empty means the instance folder. Only workers need to read it."""
    seal_command: str = ""
    """A program that signs instead of a key in seal_dir: bytes on its input, the raw signature on its output."""
    seal_chain: Path | None = None
    """The certificates that belong to seal_command, in PEM, the signing one first."""
    font_dir: Path = ROOT / "var" / "fonts"
    base_url: str = "http://127.0.0.1:8000"
    """The address people type; the QR code of a certificate starts with it."""
    trusted_hosts: list[str] = Field(default_factory=list)
    """Host names this site answers to; empty means the host of base_url and loopback."""
    proxy_count: int = 0
    """How many reverse proxies stand in front and set X-Forwarded-For."""
    debug: bool = False
    mail_url: str = ""
    """`smtp://user:pass@host:port`; empty writes mails as files into the instance folder."""
    mail_sender: str = "no-reply@localhost"
    clock_offset_file: Path | None = None
    """A file with milliseconds by which tests move the clock. Production refuses it."""
    hashes_at_once: int = Field(default=2, ge=1)
    """How many passwords a process compares at once; more than its processors only lengthen everybody's wait."""
    hashes_waiting: int = Field(default=6, ge=0)
    """How many more may wait for that; the next one is told to come again. With those at work they should leave half of
    the web process's threads to everybody else."""
    import_review: bool = False
    """Whether every question of a file waits for a second person; else whoever imports chooses."""
    site_name: str = N_("考评员培训考核平台")
    organisation_name: str = "江岚省职业技能评价指导中心"
    province_name: str = "江岚省"
    service_phone: str = "0999-8800 1234"

    @classmethod
    def load(cls) -> Self:
        """Read the environment and the instance's secrets file; refuse what is unsafe.

        Raises UnsafeSettings with every fault at once, so that an operator mends them in one go.
        """
        instance = Path(os.environ.get("LMS_INSTANCE_DIR", ROOT / "instance"))
        settings = cls(_env_file=instance / "secrets.env", instance_dir=instance)  # type: ignore[call-arg]  # pydantic-settings adds _env_file at run time
        settings.refuse_unsafe()
        return settings

    @property
    def effective_database_url(self) -> str:
        """The database address, with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.instance_dir / 'site.db'}"

    @property
    def effective_redis_url(self) -> str:
        """The Redis address, with the embedded default filled in."""
        return self.redis_url or f"unix://{self.instance_dir / 'redis.sock'}"

    @property
    def effective_storage_dir(self) -> Path:
        """The folder of stored files, with the embedded default filled in."""
        return self.storage_dir or self.instance_dir / "files"

    @property
    def effective_seal_dir(self) -> Path:
        """The folder of the seal's keys, with the embedded default filled in."""
        return self.seal_dir or self.instance_dir / "seal"

    def refuse_unsafe(self) -> None:
        """Raise UnsafeSettings when keys are missing, or when production is asked for carelessly (fault H6)."""
        faults = [
            f"LMS_{name.upper()} must be base64 of {KEY_BYTES} random bytes"
            for name in ("field_key", "index_key")
            if not _is_key(getattr(self, name).get_secret_value())
        ]
        secret = self.secret_key.get_secret_value()
        if len(secret) < MIN_SECRET_LENGTH:
            faults.append(f"LMS_SECRET_KEY must have at least {MIN_SECRET_LENGTH} characters")
        if self.accel_prefix and not _INNER_ADDRESS.fullmatch(self.accel_prefix):
            faults.append("LMS_ACCEL_PREFIX must be an address inside nginx such as /stored")
        if self.seal_command and self.seal_chain is None:
            faults.append("LMS_SEAL_CHAIN must name the certificates of LMS_SEAL_COMMAND")
        if self.env == "production":
            if len(set(secret)) < MIN_SECRET_LENGTH // 4:
                faults.append("LMS_SECRET_KEY repeats itself; use random characters")
            if self.debug:
                faults.append("LMS_DEBUG must be off in production")
            if self.clock_offset_file is not None:
                faults.append("LMS_CLOCK_OFFSET_FILE is for tests only")
            if not self.base_url.startswith("https://"):
                faults.append("LMS_BASE_URL must start with https:// in production")
        if faults:
            raise UnsafeSettings("; ".join(faults))


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except ValueError:
        return False
