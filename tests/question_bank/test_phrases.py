"""Words that wait for their reader: kept apart from their values, stored and read back, said in any language."""

import json

from question_bank.importing.report import Ignored
from question_bank.phrases import N_, Phrase, phrase, phrase_from_json
from question_bank.validation import Fault

ENGLISH = {
    "第 %(row)s 行 %(column)s 列：%(what)s": "Row %(row)s, column %(column)s: %(what)s",
    "选项字母是“%(keys)s”。": "The letters are “%(keys)s”.",
    "知识领域“%(word)s”不认识。": "The area “%(word)s” is unknown.",
    "、": ", ",
    "易": "easy",
}


def english(text: str) -> str:
    return ENGLISH.get(text, text)


def test_a_fault_says_where_and_what_in_the_readers_language() -> None:
    what = phrase(N_("选项字母是“%(keys)s”。"), keys=("A", "C"))
    fault = Fault("option_keys", what).located(row=12, column="G")
    assert fault.message == "第 12 行 G 列：选项字母是“A、C”。"
    assert fault.words.say(english) == "Row 12, column G: The letters are “A, C”."


def test_only_phrases_are_translated_never_what_somebody_typed() -> None:
    typed = phrase(N_("知识领域“%(word)s”不认识。"), word="易")
    named = phrase(N_("知识领域“%(word)s”不认识。"), word=Phrase("易"))
    assert typed.say(english) == "The area “易” is unknown."
    assert named.say(english) == "The area “easy” is unknown."


def test_a_percent_sign_from_a_spreadsheet_does_no_harm() -> None:
    assert phrase(N_("知识领域“%(word)s”不认识。"), word="100% %(x)s").say() == "知识领域“100% %(x)s”不认识。"
    assert Phrase("100%").say() == "100%"


def test_a_stored_phrase_comes_back_as_it_was() -> None:
    inner = phrase(N_("选项字母是“%(keys)s”。"), keys=("A", Phrase("易")))
    whole = phrase(N_("第 %(row)s 行：%(what)s"), row=3, what=inner)
    stored = json.loads(json.dumps(whole.to_json()))
    assert phrase_from_json(stored) == whole
    assert phrase_from_json(json.loads(json.dumps(Phrase("空工作表").to_json()))) == Phrase("空工作表")


def test_a_report_of_an_earlier_release_was_a_plain_sentence() -> None:
    assert phrase_from_json("第 3 行：100% 重复").say(english) == "第 3 行：100% 重复"


def test_what_was_left_aside_names_its_place() -> None:
    assert Ignored("备注", None, Phrase("空工作表")).words.say() == "工作表“备注”：空工作表"
    assert Ignored("题", 4, Phrase("重复的表头")).words.say() == "工作表“题”第 4 行：重复的表头"
