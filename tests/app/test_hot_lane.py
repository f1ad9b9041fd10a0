"""The hot lane answers as Flask would, only sooner; whatever is not a plain success is Flask's to say."""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from lms.app.hot_lane import HotLane
from lms.core.errors import busy
from lms.core.hot_statements import Step
from lms.core.unit_of_work import Runtime
from tests.support.crowd import Crowd, ExamSeat

pytestmark = pytest.mark.both_databases

BEAT = "/api/v1/study/beat"
ANSWER = "/api/v1/exam/answer"
OWN = ("X-Request-ID", "Vary")
"""What may differ: each request has its own number, and Flask looked at a session that no hot reply depends on."""


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return Crowd(runtime, 1)


@pytest.fixture
def lane(app: Flask) -> Client:
    assert isinstance(app.wsgi_app, HotLane)
    return Client(app.wsgi_app)


@pytest.fixture
def without_flask(app: Flask, runtime: Runtime) -> Client:
    def nobody(_environ: Any, _start: Any) -> Any:
        raise AssertionError("the lane should have answered")

    return Client(HotLane(nobody, runtime, ["localhost"], https=False))


@pytest.fixture
def flask_alone(app: Flask) -> Client:
    return Client(app.wsgi_app._inner)  # type: ignore[attr-defined]  # the lane stands before it


def beat(crowd: Crowd) -> dict[str, Any]:
    seat = crowd.open_study()[0]
    return {
        "lease": seat.lease, "seq": 1, "nonce": seat.nonce, "lesson_id": seat.lesson_id, "from_ms": 0,
        "to_ms": 10_000, "playing": True, "visible": True,
    }  # fmt: skip


def save(seat: ExamSeat, revision: int = 1) -> dict[str, Any]:
    return {"lease": seat.lease, "position": 1, "revision": revision, "choice": [seat.options[0][0]]}


def headers_of(reply: TestResponse) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name not in OWN}


def test_a_beat_gets_the_same_reply_from_both(
    crowd: Crowd, without_flask: Client, flask_alone: Client
) -> None:
    body = beat(crowd)
    quick = without_flask.post(BEAT, json=body)
    slow = flask_alone.post(BEAT, json=body)  # the last beat repeated gets its stored reply
    assert quick.status_code == slow.status_code == 200
    assert quick.data == slow.data
    assert headers_of(quick) == headers_of(slow)
    assert quick.headers["X-Request-ID"] != slow.headers["X-Request-ID"]


def test_blanks_around_a_body_change_nothing(crowd: Crowd, lane: Client, flask_alone: Client) -> None:
    body = beat(crowd)
    spaced = f"\r\n {json.dumps(body)} \n".encode()
    reply = lane.post(BEAT, data=spaced, content_type="application/json")
    assert reply.status_code == 200
    assert reply.data == flask_alone.post(BEAT, json=body).data


def test_a_saved_answer_gets_the_same_reply_from_both(
    crowd: Crowd, without_flask: Client, flask_alone: Client
) -> None:
    body = save(crowd.start_exams()[0])
    quick, slow = without_flask.post(ANSWER, json=body), flask_alone.post(ANSWER, json=body)
    assert quick.status_code == slow.status_code == 200
    assert headers_of(quick) == headers_of(slow)
    times = {"received_ms": 0}
    assert quick.get_json() | times == slow.get_json() | times


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"lease": "forged"}, 401),
        ({"position": 99}, 422),
        ({"revision": "1"}, 422),
        ({"revision": True}, 422),
        ({"choice": "A"}, 422),
        ({"choice": ["no such option"]}, 422),
        ({"choice": ["a\0"]}, 422),
        ({"choice": ["x" * 5000]}, 422),
    ],
)
def test_a_refusal_is_said_by_flask_in_the_same_words(
    crowd: Crowd, lane: Client, flask_alone: Client, changes: dict[str, Any], status: int
) -> None:
    body = save(crowd.start_exams()[0]) | changes
    quick, slow = lane.post(ANSWER, json=body), flask_alone.post(ANSWER, json=body)
    same = {"request_id": ""}
    assert quick.get_json() | same == slow.get_json() | same
    assert quick.status_code == slow.status_code
    assert quick.status_code in {status, 400, 401, 422}
    assert quick.get_json()["reasons"]


def test_an_older_revision_is_refused_and_the_newer_one_stays(crowd: Crowd, lane: Client) -> None:
    seat = crowd.start_exams()[0]
    assert lane.post(ANSWER, json=save(seat, revision=5)).status_code == 200
    refused = lane.post(ANSWER, json=save(seat, revision=4) | {"choice": [seat.options[0][1]]})
    assert (refused.status_code, refused.get_json()["revision"]) == (409, 5)


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Host": "evil.example"}},
        {"content_type": "text/plain"},
        {"data": b"{"},
        {"data": b"[" * 3000},
        {"data": b"[]"},
        {"data": b""},
        {"data": b"{} {}"},
    ],
    ids=["another host", "no JSON", "half an object", "too deep", "a list", "nothing", "two objects"],
)
def test_what_is_no_clean_request_is_left_to_flask(
    crowd: Crowd, lane: Client, flask_alone: Client, options: dict[str, Any]
) -> None:
    seat = crowd.start_exams()[0]
    plain: dict[str, Any] = {"content_type": "application/json"} | (
        {} if "data" in options else {"data": str(save(seat)).replace("'", '"')}
    )
    quick, slow = lane.post(ANSWER, **plain | options), flask_alone.post(ANSWER, **plain | options)
    assert quick.status_code == slow.status_code
    assert 400 <= quick.status_code < 500


def test_a_busy_store_is_waited_for_once(
    crowd: Crowd, runtime: Runtime, lane: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Sequence[Step]] = []

    def turn_away(steps: Sequence[Step]) -> None:
        tries.append(steps)
        raise busy()

    body = save(crowd.start_exams()[0])
    monkeypatch.setattr(runtime.journal, "write_if", turn_away)
    reply = lane.post(ANSWER, json=body)
    assert reply.status_code == 503
    assert reply.headers["Retry-After"]
    assert len(tries) == 1


def test_a_fault_of_ours_is_answered_as_one_and_written_down(
    crowd: Crowd,
    runtime: Runtime,
    lane: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fall(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    body = save(crowd.start_exams()[0])
    monkeypatch.setattr(runtime.journal, "write_if", fall)
    lane.application.testing = False  # type: ignore[attr-defined]  # the client calls it a WSGI application
    reply = lane.post(ANSWER, json=body)
    assert reply.status_code == 500
    assert "the hot lane could not answer" in caplog.text


def test_other_methods_and_addresses_pass_by(lane: Client) -> None:
    assert lane.get(ANSWER).status_code == 405
    assert lane.post("/api/v1/exam/answers").status_code == 404


def test_a_page_takes_its_turn_at_the_interpreter_and_a_hot_request_does_not_wait_for_one(
    lane: Client, crowd: Crowd, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, begun = runtime.pages.turn, list[str]()

    def counted() -> AbstractContextManager[None]:
        begun.append("turn")
        return turns()

    monkeypatch.setattr(runtime.pages, "turn", counted)
    assert lane.post(BEAT, json=beat(crowd)).status_code == 200
    assert not begun
    assert lane.get("/healthz").status_code == 200
    assert begun == ["turn"]
