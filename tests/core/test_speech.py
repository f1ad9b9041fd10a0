"""What rules hold as values is said in the language of the reader."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from lms.app.translations.compiled import FOLDER
from lms.core.errors import N_, NN_, Reason, Word
from lms.core.formats import deadline_cn
from lms.core.speech import in_one_sentence, say, spoken
from question_bank.phrases import phrase

STUDY_END = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)  # 00:00 on 5 December in Shanghai


@pytest.fixture
def english() -> Iterator[None]:
    """A reader of English."""
    app = Flask("reader")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(app)
    with app.test_request_context(), force_locale("en"):
        yield


LOCKED = Reason(
    "study.window_over", N_("只能在学习时间内学习"), N_("已于 %(closed)s 截止"), N_("可以报名下一期"), source="A11",
    params={"closed": STUDY_END},
)  # fmt: skip


def test_outside_a_request_everything_is_chinese() -> None:
    assert spoken(LOCKED)["now"] == "已于 2026年12月4日 24:00 截止"
    assert in_one_sentence(LOCKED) == "已于 2026年12月4日 24:00 截止；只能在学习时间内学习；可以报名下一期。"


@pytest.mark.usefixtures("english")
def test_a_moment_in_a_reason_keeps_its_day_in_english() -> None:
    said = spoken(LOCKED)
    assert said["rule"] == "Studying is possible only within the study period"
    assert said["now"] == "It closed on 4 Dec 2026, 24:00"
    assert (said["code"], said["source"]) == ("study.window_over", "A11")
    assert in_one_sentence(LOCKED) == (
        "It closed on 4 Dec 2026, 24:00. Studying is possible only within the study period. "
        "You can apply for the next plan."
    )


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 item is not agreed to yet"), (2, "2 items are not agreed to yet")],
)
def test_one_and_many_differ_where_the_language_has_it_so(count: int, words: str) -> None:
    assert say(NN_("还有 %(count)s 项没有同意"), {"count": count}) == words


def test_one_and_many_are_the_same_in_chinese() -> None:
    assert say(NN_("还有 %(count)s 项没有同意"), {"count": 1}) == "还有 1 项没有同意"


@pytest.mark.usefixtures("english")
def test_words_of_the_catalogue_inside_a_text_are_said_and_data_stay() -> None:
    values = {"what": Word(N_("姓名")), "limit": 40}
    assert say(N_("证书上的“%(what)s”最多 %(limit)s 个字"), values) == (
        "On the certificate, “Name” has at most 40 characters"
    )
    assert say(N_("%(names)s 不在其中"), {"names": ("电工", "焊工")}) == "电工, 焊工: not among them"
    assert say(phrase(N_("%(name)s（%(code)s）"), name="电工", code="6-31-01-03")) == "电工 (6-31-01-03)"


@pytest.mark.usefixtures("english")
def test_what_a_person_typed_is_never_read_as_a_pattern() -> None:
    assert say("100% %(x)s") == "100% %(x)s"
    assert say("") == ""


@pytest.mark.usefixtures("english")
def test_a_sentence_of_the_bank_gets_no_second_full_stop() -> None:
    reason = Reason("x", "%(words)s", params={"words": phrase(N_("文件是空的。请选择有内容的文件。"))})
    assert in_one_sentence(reason) == "The file is empty. Please choose a file with content."


@pytest.mark.usefixtures("english")
def test_a_deadline_reads_the_same_day_in_both_languages() -> None:
    assert deadline_cn(STUDY_END) == "4 Dec, 24:00"
