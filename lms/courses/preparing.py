"""From an uploaded file to what players get: runs the process that reads it, and keeps what it made.

The site never opens a foreign video itself. It starts `video_process.py` with an empty environment, ends it when
it stands still, and believes of its outcome only what `mp4.py` reads from the produced files (H11).
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from lms.core.errors import Refusal
from lms.core.storage import CHUNK_BYTES, Storage
from lms.courses.mp4 import NotAPlayableVideo, read_video_facts
from lms.courses.policy import MAX_STORED_BYTES, MIN_LESSON_MS, VIDEO_WAYS, Limits, video_reason
from lms.courses.service import PreparedVideo, StoredLesson
from lms.courses.workplace import workplace

PROGRAM = Path(__file__).with_name("video_process.py")
SAME_LENGTH_MS = 2000
"""By so much the two renditions may differ: one picture may be shown for a second."""
BROKE_DOWN = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGXCPU", "SIGXFSZ"}
_SIGNALS = {4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV", 24: "SIGXCPU", 25: "SIGXFSZ"}

Tell = Callable[[int], None]
"""Tells how many thousandths are done."""


class NotALessonVideo(Refusal):
    """The file cannot become a lesson's video; `reason_code` is a key of VIDEO_WAYS."""

    code = "not_a_lesson_video"
    status = 422

    def __init__(self, reason_code: str) -> None:
        self.reason_code = reason_code
        super().__init__(video_reason(reason_code))


class ProcessDied(RuntimeError):
    """The process ended without an outcome and without fault of the file: the job may try again."""


class NotWanted(Exception):
    """Whoever asked for the work has uploaded another file meanwhile, or taken the lesson away."""


def prepare(
    storage: Storage, source: Path, folder: Path, tell: Tell, limits: Limits | None = None
) -> PreparedVideo:
    """Make everything of one file in an empty folder, and store it.

    Raises NotALessonVideo when the file is to blame, ProcessDied or OSError when it is not, and whatever `tell` raises.
    """
    return _keep(storage, folder, _run(source, folder, tell, limits or Limits()))


def prepare_stored(
    storage: Storage, key: str, root: Path, tell: Tell, limits: Limits | None = None
) -> PreparedVideo:
    """Do the same with a file that lies in the store, in a folder of its own below `root`."""
    with workplace(root) as place:
        source = place / "source"
        with source.open("wb") as stream:
            at = 0
            while data := storage.read_range(key, at, CHUNK_BYTES):
                stream.write(data)
                at += len(data)
        made = place / "made"
        made.mkdir()
        return prepare(storage, source, made, tell, limits)


def prepare_lessons(
    storage: Storage, files: Sequence[tuple[str, str, Path]], root: Path, limits: Limits | None = None
) -> list[StoredLesson]:
    """Prepare files one after another for a course that is registered at once; each file is (title, summary, path).

    Runs outside a unit of work. Raises what `prepare` raises.
    """
    stored = []
    for title, summary, path in files:
        with workplace(root) as place:
            made = prepare(storage, path, place, lambda _done: None, limits)
        stored.append(
            StoredLesson(
                title, summary, made.duration_ms, made.file_key, made.size_bytes, made.low_key, made.low_bytes,
                made.poster_key,
            )
        )  # fmt: skip
    return stored


def _run(source: Path, folder: Path, tell: Tell, limits: Limits) -> dict[str, Any]:
    paths = (str(PROGRAM), str(source.resolve()), str(folder.resolve()))
    command = [sys.executable, "-I", *paths, json.dumps(asdict(limits))]
    outcome: dict[str, Any] = {}
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}, cwd=folder, text=True,
    ) as process, _Watch(process, limits.stall_seconds) as watch:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            watch.heard()
            outcome = json.loads(line)
            if "done" in outcome:
                # Some files do not say how long they are; then nobody knows how far the work is.
                tell(min(999, outcome["done"] * 1000 // outcome["total"]) if outcome["total"] else 0)
        process.wait()
    if "made" in outcome:
        made: dict[str, Any] = outcome["made"]
        return made
    if outcome.get("refused") in VIDEO_WAYS:
        raise NotALessonVideo(outcome["refused"])
    if watch.ended or _SIGNALS.get(-process.returncode) in BROKE_DOWN:
        raise NotALessonVideo("too_heavy")
    raise ProcessDied(outcome.get("failed", f"status {process.returncode}"))


def _keep(storage: Storage, folder: Path, made: dict[str, Any]) -> PreparedVideo:
    main, low = folder / "main.mp4", folder / "low.mp4" if made["low"] else None
    lengths = [_length(path) for path in (main, low) if path is not None]
    if max(lengths) - min(lengths) > SAME_LENGTH_MS:
        raise NotALessonVideo("damaged")
    # What is counted can be played in either rendition.
    duration_ms = min(lengths)
    if duration_ms < MIN_LESSON_MS:
        raise NotALessonVideo("too_short")
    if main.stat().st_size > MAX_STORED_BYTES:
        raise NotALessonVideo("too_heavy")
    if low is not None and low.stat().st_size >= main.stat().st_size:
        low = None
    return PreparedVideo(
        storage.put_file(main), main.stat().st_size, duration_ms, storage.put_file(low) if low else None,
        low.stat().st_size if low else None, storage.put_file(folder / "poster.jpg"),
    )  # fmt: skip


def _length(path: Path) -> int:
    try:
        return read_video_facts(path).duration_ms
    except NotAPlayableVideo as refusal:
        code = refusal.reason.code
        raise NotALessonVideo(code if code in VIDEO_WAYS else "damaged") from refusal


class _Watch:
    """Ends a process that says nothing for too long."""

    def __init__(self, process: subprocess.Popen[str], patience: float) -> None:
        self.ended = False
        self._process, self._patience = process, patience
        self._heard, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def heard(self) -> None:
        """Note that the process said something."""
        self._heard.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._heard.set()
        self._thread.join()
        if self._process.poll() is None:
            self._process.kill()

    def _wait(self) -> None:
        while self._heard.wait(self._patience):
            self._heard.clear()
            if self._stop.is_set():
                return
        self.ended = True
        self._process.kill()
