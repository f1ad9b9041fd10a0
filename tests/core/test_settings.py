"""A production site refuses to start carelessly, and says all that is wrong at once (fault H6)."""

import base64
import os
from pathlib import Path

import pytest

from lms.core.settings import Settings, UnsafeSettings

KEY = base64.b64encode(bytes(range(32))).decode()
GOOD = {
    "env": "production", "secret_key": "S3cr3t-0123456789-abcdefghijklmnopqrstuvwxyz", "field_key": KEY,
    "index_key": KEY, "base_url": "https://exam.example.test",
}  # fmt: skip


def made(**changes: object) -> Settings:
    return Settings(**{**GOOD, **changes})  # type: ignore[arg-type]  # a test passes what an environment might


def test_a_careful_production_site_starts() -> None:
    made().refuse_unsafe()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"secret_key": ""}, "SECRET_KEY"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"secret_key": "a" * 64}, "SECRET_KEY"),
        ({"secret_key": "changeme" * 8}, "SECRET_KEY"),
        ({"field_key": ""}, "FIELD_KEY"),
        ({"field_key": "not base64!"}, "FIELD_KEY"),
        ({"field_key": base64.b64encode(b"short").decode()}, "FIELD_KEY"),
        ({"index_key": ""}, "INDEX_KEY"),
        ({"debug": True}, "DEBUG"),
        ({"accel_prefix": "https://elsewhere.example/"}, "ACCEL_PREFIX"),
        ({"clock_offset_file": Path("/tmp/offset")}, "CLOCK_OFFSET_FILE"),
        ({"base_url": "http://exam.example.test"}, "BASE_URL"),
    ],
)
def test_each_careless_setting_is_refused_by_name(changes: dict[str, object], word: str) -> None:
    with pytest.raises(UnsafeSettings, match=f"LMS_{word}"):
        made(**changes).refuse_unsafe()


def test_all_faults_are_told_at_once() -> None:
    faulty = made(
        secret_key="x",
        field_key="",
        index_key="",
        debug=True,
        base_url="http://a",
        clock_offset_file=Path("x"),
    )
    with pytest.raises(UnsafeSettings) as told:
        faulty.refuse_unsafe()
    for word in ("SECRET_KEY", "FIELD_KEY", "INDEX_KEY", "DEBUG", "CLOCK_OFFSET_FILE", "BASE_URL"):
        assert f"LMS_{word}" in str(told.value)


def test_no_refusal_repeats_a_secret() -> None:
    with pytest.raises(UnsafeSettings) as told:
        made(secret_key="hunter2-hunter2", field_key="my-own-key").refuse_unsafe()
    assert "hunter2" not in str(told.value)
    assert "my-own-key" not in str(told.value)
    assert "S3cr3t" not in repr(made())


def test_keys_are_wanted_in_development_too() -> None:
    with pytest.raises(UnsafeSettings, match="FIELD_KEY"):
        made(env="development", field_key="").refuse_unsafe()


def test_a_test_clock_is_welcome_outside_production() -> None:
    made(env="test", clock_offset_file=Path("x"), base_url="http://localhost", debug=True).refuse_unsafe()


def test_the_secrets_file_of_the_instance_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LMS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LMS_INSTANCE_DIR", str(tmp_path))
    (tmp_path / "secrets.env").write_text(
        f"LMS_SECRET_KEY={GOOD['secret_key']}\nLMS_FIELD_KEY={KEY}\nLMS_INDEX_KEY={KEY}\n"
    )
    settings = Settings.load()
    assert settings.secret_key.get_secret_value() == GOOD["secret_key"]
    assert settings.effective_database_url == f"sqlite:///{tmp_path / 'site.db'}"
    assert settings.effective_storage_dir == tmp_path / "files"
    assert settings.effective_redis_url == f"unix://{tmp_path / 'redis.sock'}"


def test_loading_refuses_what_is_unsafe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("LMS_SECRET_KEY", "short")
    with pytest.raises(UnsafeSettings):
        Settings.load()
