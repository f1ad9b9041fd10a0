"""Captions, chapters and handouts: read strictly, written anew, and only for those who may watch."""

import zlib

import pytest

from lms.core.errors import Invalid
from lms.courses.policy import (
    MAX_HANDOUTS,
    Chapter,
    ChapterLine,
    chapter_line_reasons,
    chapter_reasons,
    handout_reasons,
    more_handouts_reasons,
)
from lms.courses.webvtt import read_captions, write_captions
from tests.courses.conftest import PDF, Desk

GOOD = (
    "\ufeffWEBVTT - a course\r\n\r\nNOTE made by hand\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n1\r\n"
    "00:00.000 --> 00:02.500 align:start\r\n<v 老师>各位好 &amp; 请坐</v>\r\n\r\n"
    "01:00:03.000 --> 01:00:04.000\r\n<script>alert(1)</script>第二条\r\n第二行\r\n"
)


def test_captions_keep_their_times_and_words_and_nothing_else() -> None:
    cues = read_captions(GOOD.encode())
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [
        (0, 2500, "各位好 & 请坐"), (3_603_000, 3_604_000, "alert(1)第二条\n第二行"),
    ]  # fmt: skip
    written = write_captions(cues)
    assert b"<" not in written.replace(b"-->", b"")
    assert read_captions(written) == cues


@pytest.mark.parametrize(
    "data",
    [
        b"", b"1\n00:00:01,000 --> 00:00:02,000\nsrt", b"WEBVTT\n\n", b"WEBVTT\n\n\xff\xfe",
        b"WEBVTT\n\n00:02.000 --> 00:01.000\nbackwards", b"WEBVTT\n\n00:61.000 --> 00:62.000\nno minute",
        b"WEBVTT\n\n00:05.000 --> 00:06.000\na\n\n00:01.000 --> 00:02.000\nearlier",
        b"WEBVTT\n\n00:05.000 --> 00:06.000\n" + b"x" * 501, b"WEBVTT\n" + b"x" * (1 << 20),
    ],
)  # fmt: skip
def test_what_are_no_captions_is_refused_with_its_reason(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read_captions(data)
    assert all((caught.value.reasons[0].rule, caught.value.reasons[0].now, caught.value.reasons[0].way_out))


@pytest.mark.parametrize(
    ("chapters", "fault"),
    [
        ([Chapter(0, "一"), Chapter(30, "二")], False), ([Chapter(30, "一"), Chapter(30, "二")], True),
        ([Chapter(0, "")], True), ([Chapter(60, "太晚")], True), ([Chapter(n, "多") for n in range(41)], True),
    ],
)  # fmt: skip
def test_chapters_rise_inside_the_video(chapters: list[Chapter], *, fault: bool) -> None:
    assert bool(chapter_reasons(chapters, 60)) is fault


def test_every_line_that_is_no_chapter_is_told_with_its_number_as_it_was_typed() -> None:
    lines = [
        ChapterLine(1, Chapter(0, "开场")), ChapterLine(3, None), ChapterLine(4, Chapter(30, "中段")),
        ChapterLine(5, Chapter(20, "倒退")), ChapterLine(6, Chapter(90, "太晚")), ChapterLine(7, Chapter(40, "")),
    ]  # fmt: skip
    told = chapter_line_reasons(lines, 60)
    assert [reason.params["line"] for reason in told] == [3, 5, 6, 7]
    assert [bool(reason.way_out) for reason in told] == [True, False, False, False], "the rule is told once"
    assert chapter_line_reasons(lines[:1], 60) == []


def packed(objects: bytes, *, spoilt: bytes = b"") -> bytes:
    body = spoilt or zlib.compress(objects)
    stream = b"2 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>\nstream\n" + body + b"\nendstream\nendobj\n"
    return PDF.replace(b"trailer", stream + b"trailer")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "不是完整的 PDF"), (b"<html>", "不是完整的 PDF"), (PDF[:20], "不是完整的 PDF"),
        (PDF.replace(b"<<>>", b"<</S/JavaScript>>"), "脚本"), (PDF.replace(b"<<>>", b"<</J#53()>>"), "脚本"),
        (packed(b"<</S/Launch/F(cmd.exe)>>"), "脚本"), (packed(b"", spoilt=b"no packed objects"), "密码"),
        (packed(bytes(17 << 20)), "密码"), (PDF.replace(b"trailer\n<<>>", b"trailer\n<</Encrypt 3 0 R>>"), "密码"),
        (PDF + bytes(10 << 20), "太大"),
    ],
)  # fmt: skip
def test_what_is_no_plain_pdf_is_no_handout(data: bytes, words: str) -> None:
    assert [words in reason.now for reason in handout_reasons(data)] == [True]


def test_what_only_looks_like_a_script_inside_a_picture_is_none() -> None:
    drawn = b"3 0 obj\n<</Length 9>>\nstream\n /JS /Launch \nendstream\nendobj\ntrailer"
    assert handout_reasons(PDF.replace(b"trailer", drawn)) == []
    assert handout_reasons(packed(b"<</Type/Catalog/Pages 4 0 R>>")) == []
    assert more_handouts_reasons(MAX_HANDOUTS)


def test_a_file_made_to_be_searched_for_ever_is_searched_once() -> None:
    assert handout_reasons(PDF.replace(b"trailer", b"stream\n" * 1_000_000 + b"trailer")) == []
    assert handout_reasons(PDF.replace(b"trailer", b"#41/" * 500_000 + b"trailer")) == []


def test_a_lesson_gets_captions_chapters_and_handouts_in_the_browser(desk: Desk) -> None:
    lesson = desk.lesson(desk.draft())
    assert desk.send(f"{lesson}/captions", "captions", GOOD.encode(), "a.vtt").status_code == 303
    sent = desk.browser.get(f"{lesson}/media/captions")
    assert sent.mimetype == "text/vtt"
    assert "各位好 &amp; 请坐" in sent.text
    wrong = desk.send(f"{lesson}/captions", "captions", b"WEBVTT\n\n1 --> 2\nx", "a.vtt")
    assert wrong.status_code == 422
    assert "第 3 行的时间无法识别" in wrong.text
    assert desk.browser.post(f"{lesson}/captions", {"remove": "1"}).status_code == 303
    assert desk.browser.get(f"{lesson}/media/captions").status_code == 404

    assert desk.browser.post(f"{lesson}/chapters", {"chapters": "0:00 开场\n1:02:03 收尾"}).status_code == 303
    assert "0:00 开场\n62:03 收尾" in desk.browser.get(lesson).text.replace("\r", "")
    wrong = desk.browser.post(f"{lesson}/chapters", {"chapters": "0:00 开场\n收尾"})
    assert wrong.status_code == 422
    assert "第 2 行无法识别" in wrong.text
    wrong = desk.browser.post(f"{lesson}/chapters", {"chapters": "1:00 开场\n收尾\n\n0:30 前\n0:20 更前"})
    for line in ("第 2 行无法识别", "第 4 行的时间不在上一行之后", "第 5 行的时间不在上一行之后"):
        assert line in wrong.text
    assert desk.browser.post(f"{lesson}/chapters", {"chapters": "1:00 后\n0:30 前"}).status_code == 422

    assert desk.send(f"{lesson}/handouts", "handout", PDF, "考评要点.pdf").status_code == 303
    page = desk.browser.get(lesson).text
    assert "考评要点" in page
    refused = desk.send(f"{lesson}/handouts", "handout", b"MZ", "考评要点.pdf")
    assert refused.status_code == 422
    assert "文件内容不是完整的 PDF" in refused.text
