"""What the process that reads a foreign file may do, and what becomes of one that breaks out of it."""

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from lms.core.storage import FolderStorage
from lms.courses.mp4 import read_video_facts
from lms.courses.policy import Limits
from lms.courses.preparing import PROGRAM, NotALessonVideo, NotWanted, ProcessDied, prepare
from lms.courses.workplace import clear_abandoned, workplace

FilmFile = Callable[..., Path]


@pytest.fixture
def workshop(tmp_path: Path) -> Callable[..., object]:
    """Prepare files in a store of their own."""
    (tmp_path / "store").mkdir()
    storage = FolderStorage(tmp_path / "store")

    def work(source: Path, limits: Limits | None = None) -> object:
        with workplace(tmp_path / "work") as folder:
            return prepare(storage, source, folder, lambda _done: None, limits), storage

    return work


def facts_of(storage: FolderStorage, key: str, folder: Path) -> object:
    path = folder / "look.mp4"
    path.write_bytes(storage.get(key))
    return read_video_facts(path)


def test_what_browsers_play_is_copied_and_gets_a_light_version(
    workshop: Callable[..., object], film_file: FilmFile, tmp_path: Path
) -> None:
    source = film_file("rich.mp4", seconds=3, size=(1280, 720), rate=5, bits=4_000_000)
    made, storage = workshop(source)
    main, low = facts_of(storage, made.file_key, tmp_path), facts_of(storage, made.low_key, tmp_path)
    assert (main.width, main.height, main.faststart) == (1280, 720, True)
    assert (low.width, low.height, low.faststart) == (640, 360, True)
    assert made.low_bytes < made.size_bytes / 3
    assert abs(low.duration_ms - main.duration_ms) <= 100
    assert made.duration_ms == 3000


def test_a_screen_recording_in_matroska_is_copied_picture_by_picture(
    workshop: Callable[..., object], film_file: FilmFile, tmp_path: Path
) -> None:
    """Recorders write H.264 and AAC into Matroska, which does not say when the first pictures are decoded."""
    source = film_file("screen.mkv", seconds=2, rate=25, size=(320, 180), bits=400_000)
    made, storage = workshop(source)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(storage.get(made.file_key))
    assert packets(copy) == packets(source)
    assert 2000 <= made.duration_ms <= 2040


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux() if packet.size]


def test_a_film_that_was_taken_upright_is_shown_upright(
    workshop: Callable[..., object], film_file: FilmFile, tmp_path: Path
) -> None:
    """Phones film lying down and write beside it how to turn the picture; old recordings have oblong points."""
    data = film_file("flat.mp4", seconds=2, size=(320, 180), bits=80_000).read_bytes()
    at = data.index(b"tkhd") + 4 + 4 + 36  # the matrix behind version, times, layer and volume
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    source = tmp_path / "upright.mp4"
    source.write_bytes(data[:at] + turned + data[at + 36 :])
    made, storage = workshop(source)
    facts = facts_of(storage, made.file_key, tmp_path)
    assert (facts.width, facts.height) == (180, 320)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("web.mkv", {"video": "libvpx-vp9", "sound": "libopus"}),
        ("camera.mov", {"video": "mjpeg", "sound": "pcm_s16le"}),
        ("phone.mkv", {"video": "libx265"}),
        ("mute.mkv", {"sound": None}),
    ],
)
def test_other_codecs_become_h264_and_aac_of_the_same_length(
    workshop: Callable[..., object],
    film_file: FilmFile,
    tmp_path: Path,
    name: str,
    options: dict[str, object],
) -> None:
    made, storage = workshop(film_file(name, seconds=2, **options))
    facts = facts_of(storage, made.file_key, tmp_path)
    assert (facts.video_codec, facts.audio_codec) == ("h264", None if name == "mute.mkv" else "aac")
    assert 1980 <= made.duration_ms <= 2040


def test_a_list_of_addresses_named_mp4_is_never_followed(
    workshop: Callable[..., object], tmp_path: Path
) -> None:
    source = tmp_path / "list.mp4"
    source.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/secret.ts\n")
    with pytest.raises(NotALessonVideo) as caught:
        workshop(source)
    assert caught.value.reason_code == "container"


def test_a_picture_of_too_many_points_is_refused(
    workshop: Callable[..., object], film_file: FilmFile
) -> None:
    with pytest.raises(NotALessonVideo) as caught:
        workshop(film_file("one.mov", video="mpeg4", seconds=3), Limits(pixels=100 * 100))
    assert caught.value.reason_code == "too_large"


def test_a_file_longer_than_allowed_is_refused(workshop: Callable[..., object], film_file: FilmFile) -> None:
    with pytest.raises(NotALessonVideo) as caught:
        workshop(film_file("one.mov", video="mpeg4", seconds=3), Limits(seconds=2))
    assert caught.value.reason_code == "too_long"


@pytest.mark.parametrize(
    "limits",
    [Limits(memory_bytes=210 << 20), Limits(file_bytes=4096), Limits(stall_seconds=0.01)],
    ids=["memory", "space", "silence"],
)
def test_more_than_allowed_ends_the_process_and_not_the_house(
    workshop: Callable[..., object], film_file: FilmFile, limits: Limits
) -> None:
    source = film_file("rich.mp4", seconds=3, size=(1280, 720), rate=5, bits=4_000_000)
    with pytest.raises((NotALessonVideo, ProcessDied)) as caught:
        workshop(source, limits)
    if isinstance(caught.value, NotALessonVideo):
        assert caught.value.reason_code in {"too_heavy", "damaged"}


def test_a_killed_process_is_nobody_s_fault_and_may_be_tried_again(
    workshop: Callable[..., object], film_file: FilmFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[subprocess.Popen[str]] = []
    real = subprocess.Popen

    def note(*arguments: object, **options: object) -> subprocess.Popen[str]:
        process = real(*arguments, **options)
        started.append(process)
        return process

    monkeypatch.setattr("lms.courses.preparing.subprocess.Popen", note)
    source = film_file("steady.mov", video="mpeg4", seconds=10)
    with pytest.raises(ProcessDied):
        prepare(FolderStorage(tmp_path), source, tmp_path, lambda _done: started[0].kill())
    assert workshop(film_file("one.mov", video="mpeg4", seconds=3))


def test_work_that_is_not_wanted_any_more_ends_at_once(tmp_path: Path, film_file: FilmFile) -> None:
    told: list[int] = []

    def tell(done: int) -> None:
        told.append(done)
        raise NotWanted

    source = film_file("steady.mov", video="mpeg4", seconds=10)
    with pytest.raises(NotWanted):
        prepare(FolderStorage(tmp_path), source, tmp_path, tell)
    assert len(told) == 1
    assert told[0] < 500


def test_what_a_killed_try_left_is_cleared_away_and_what_is_worked_on_is_not(tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    (left / "main.mp4").write_bytes(b"half a film")
    with workplace(tmp_path) as one, workplace(tmp_path) as other:
        assert one != other, "two tries of one job do not write into each other's files"
        assert clear_abandoned(tmp_path) == 1
        assert one.is_dir()
        assert not left.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_process_knows_nothing_of_the_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LMS_SECRET_KEY", "canary")
    seen: list[dict[str, str]] = []
    real = subprocess.Popen

    def note(*arguments: object, **options: dict[str, str]) -> subprocess.Popen[str]:
        seen.append(options["env"])
        return real(*arguments, **options)

    source = tmp_path / "empty.mp4"
    source.write_bytes(b"")
    with monkeypatch.context() as patched:
        patched.setattr("lms.courses.preparing.subprocess.Popen", note)
        with pytest.raises(NotALessonVideo):
            prepare(FolderStorage(tmp_path), source, tmp_path, lambda _done: None)
    assert seen
    assert all("canary" not in value for values in seen for value in values.values())
    probe = (
        f"import runpy, sys; runpy.run_path({str(PROGRAM)!r}); "
        "print([name for name in sys.modules if name.startswith('lms')])"
    )
    told = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
