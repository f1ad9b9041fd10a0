"""Studying as the player page does it: sessions, beats and presence checks, while the clock is moved along."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.person import Person


@dataclass
class Player:
    """A player page that is open in one browser. It reports what was watched and shows what was counted."""

    person: Person
    plan_id: str
    lessons: list[tuple[str, str, int]] = field(default_factory=list)
    """(id, title, seconds) of each lesson, as the page lists them."""
    at: tuple[int, int] = (0, 0)
    """Which lesson is on and how many of its seconds have been shown."""
    session: dict[str, Any] = field(default_factory=dict)
    counted: int = 0
    pending: int = 0
    check: dict[str, Any] | None = None
    checks_answered: int = 0
    is_complete: bool = False
    stride: int = 0
    """What a beat may report at most: one and a half intervals, whole seconds."""

    def open_page(self) -> None:
        """Open the player and learn the lessons."""
        page = self.person.open(f"/study/{self.plan_id}")
        assert page.status == 200, page
        data = page.data("study-data")
        self.counted, self.pending = data["counted"], data["pending"]
        if not self.lessons:
            for entry in page.tree.findall(".//ol[@class='lessons']/li"):
                address = entry.find("a").get("href")
                lesson = self.person.open(address).data("study-data")
                self.lessons.append((lesson["lesson"], entry.find(".//b").text or "", lesson["seconds"]))
            self.person.open(f"/study/{self.plan_id}")

    def connect(self) -> httpx.Response:
        """Open a study session, as pressing play does."""
        reply = self.person.call(f"/study/{self.plan_id}/sessions")
        if reply.status_code == 201:
            self.session = reply.json()
            self.check = self.session["check"]
            self.stride = self.session["interval"] * 3 // 2
        return reply

    def beat(self, seconds: int, **changes: Any) -> httpx.Response:
        """Report that the next seconds of the lesson were shown; the clock is left alone."""
        lesson, start = self.at
        body = {
            "lease": self.session["lease"], "seq": self.session["seq"] + 1, "nonce": self.session["next"],
            "lesson_id": self.lessons[lesson][0], "from_ms": start * 1000, "to_ms": (start + seconds) * 1000,
            "playing": True, "visible": True, **changes,
        }  # fmt: skip
        return self.person.call("/api/v1/study/beat", body)

    def watch(self, seconds: int, *, answering: bool = True) -> None:
        """Watch on for so many seconds with the clock moving along; answer each check rightly, or stop at it."""
        left = seconds
        while left > 0 and not self.is_complete:
            lesson, start = self.at
            stretch = min(left, self.stride, self.lessons[lesson][2] - start)
            if stretch == 0:
                self.at = (lesson + 1, 0)
                continue
            self.person.site.clock.advance(stretch)
            self.take(self.beat(stretch))
            left -= stretch
            self.at = (lesson, start + stretch)
            if self.check is not None:
                if not answering:
                    return
                self.answer()

    def watch_until_checked(self) -> None:
        """Watch on until a check is shown, and leave it there."""
        self.watch(3600, answering=False)
        assert self.check is not None

    def take(self, reply: httpx.Response) -> None:
        """Show what a beat's reply says."""
        assert reply.status_code == 200, reply.text
        told = reply.json()
        self.session |= {"seq": told["seq"], "next": told["next"]}
        self.counted, self.pending, self.check = told["counted"], told["pending"], told["check"]

    def answer(self, *, rightly: bool = True) -> dict[str, Any]:
        """Answer the check that is shown: whoever watched knows which lesson was on."""
        assert self.check is not None
        title = next(title for lesson_id, title, _ in self.lessons if lesson_id == self.check["lesson"])
        letter = next(one["letter"] for one in self.check["options"] if (one["text"] == title) is rightly)
        reply = self.person.call(
            "/api/v1/study/presence",
            {
                "lease": self.session["lease"],
                "check_id": self.check["id"],
                "try": self.check["try"],
                "choice": letter,
            },
        )
        assert reply.status_code == 200, reply.text
        told: dict[str, Any] = reply.json()
        self.counted, self.pending, self.check = told["counted"], told["pending"], told["check"]
        self.is_complete = told["complete"]
        self.checks_answered += told["verdict"] == "counted"
        return told


def study_fully(person: Person, plan_id: str) -> Player:
    """Watch until the requirement is reached."""
    player = Player(person, plan_id)
    player.open_page()
    reply = player.connect()
    assert reply.status_code == 201, reply.text
    player.watch(3 * 3600)
    if not player.is_complete:  # the last seconds wait for an answer
        player.watch(player.stride)
    assert player.is_complete, player
    return player
