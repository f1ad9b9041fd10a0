"""When an item is sound."""

from question_bank.items import (
    ALTERNATIVES_SIGN,
    AREAS,
    OPTION_KEYS,
    TOLERANCE_SIGN,
    TRUE_FALSE_OPTIONS,
    TYPE_NAMES,
    Blank,
    Item,
    ItemType,
    area_names,
)
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation.fault import Fault
from question_bank.validation.text import text_faults

# Our own limits: longer texts do not fit a phone screen or a printed paper, and Excel cells end at 32,767.
STEM_MAX = 1000
OPTION_MAX = 500
EXPLANATION_MAX = 2000
SOURCE_MAX = 200
OPTIONS_MIN = 2
OPTIONS_MAX = len(OPTION_KEYS)
MULTIPLE_ANSWERS_MIN = 2
BLANK_TEXT_MAX = 100
BLANK_ALTERNATIVES_MAX = 20


def validate_item(item: Item) -> list[Fault]:
    """Return every reason why `item` may not enter the bank; an empty list means that it is sound."""
    if item.type is ItemType.FILL_IN:
        return [*_stem_faults(item), *_fill_in_faults(item), *_label_faults(item)]
    return [
        *_stem_faults(item),
        *_option_faults(item),
        *_answer_faults(item),
        *_label_faults(item),
    ]


def _stem_faults(item: Item) -> list[Fault]:
    if not item.stem.strip():
        return [Fault("stem_missing", phrase(N_("没有题干。请填写题干。")), "stem")]
    return text_faults(item.stem, STEM_MAX, phrase(N_("“题干”")), "stem")


def _option_faults(item: Item) -> list[Fault]:
    options = item.options
    faults: list[Fault] = []
    if item.blank is not None:
        what = phrase(N_("选择题和判断题的答案是选项，不能另写填空答案。请改题型，或删去填空答案。"))
        faults.append(Fault("blank_not_wanted", what, "answer"))
    if item.type is ItemType.TRUE_FALSE:
        if options != TRUE_FALSE_OPTIONS:
            faults.append(
                Fault(
                    "true_false_options",
                    phrase(N_("判断题只能有“A 正确”和“B 错误”两个选项。请改选项，或把题型改为单选题。")),
                    "option",
                )
            )
        return faults
    if len(options) < OPTIONS_MIN:
        faults.append(
            Fault(
                "options_too_few",
                phrase(
                    N_("只有 %(count)s 个选项，至少要 %(least)s 个。请补上选项。"),
                    count=len(options),
                    least=OPTIONS_MIN,
                ),
                "option",
            )
        )
    if len(options) > OPTIONS_MAX:
        faults.append(
            Fault(
                "options_too_many",
                too_many_options(len(options)),
                "option",
            )
        )
    elif "".join(option.key for option in options) != OPTION_KEYS[: len(options)]:
        keys = tuple(option.key for option in options)
        what = phrase(N_("选项字母是“%(keys)s”，应从 A 起连续排列。请改选项字母。"), keys=keys)
        faults.append(Fault("option_keys", what, "option"))
    seen: dict[str, str] = {}
    for option in options:
        field = f"option:{option.key}"
        text = option.text.strip()
        if not text:
            what = phrase(N_("选项 %(key)s 是空的。请填写选项，或删去它。"), key=option.key)
            faults.append(Fault("option_empty", what, field))
            continue
        faults += text_faults(option.text, OPTION_MAX, phrase(N_("选项 %(key)s"), key=option.key), field)
        if text in seen:
            faults.append(
                Fault(
                    "option_repeated",
                    phrase(
                        N_("选项 %(key)s 与选项 %(earlier)s 相同。请改其中一个。"),
                        key=option.key,
                        earlier=seen[text],
                    ),
                    field,
                )
            )
        else:
            seen[text] = option.key
    return faults


def _answer_faults(item: Item) -> list[Fault]:
    answer = item.answer
    if not answer:
        return [Fault("answer_missing", phrase(N_("没有答案。请填写答案。")), "answer")]
    faults: list[Fault] = []
    keys = {option.key for option in item.options}
    loose = sorted(answer - keys)
    if loose:
        what = phrase(
            N_("答案“%(letters)s”没有对应选项，本题%(range)s。请改答案，或补上选项 %(missing)s。"),
            letters="".join(loose),
            range=_range(item),
            missing=tuple(loose),
        )
        faults.append(Fault("answer_without_option", what, "answer"))
    if item.type is not ItemType.MULTIPLE and len(answer) != 1:
        what = phrase(
            N_("%(type)s只能有 1 个答案，这里有 %(count)s 个。请改答案，或把题型改为多选题。"),
            type=Phrase(TYPE_NAMES[item.type]),
            count=len(answer),
        )
        faults.append(Fault("answer_not_single", what, "answer"))
    if item.type is ItemType.MULTIPLE and len(answer) < MULTIPLE_ANSWERS_MIN:
        what = phrase(
            N_("多选题至少要有 %(least)s 个答案，这里只有 %(count)s 个。请改答案，或把题型改为单选题。"),
            least=MULTIPLE_ANSWERS_MIN,
            count=len(answer),
        )
        faults.append(Fault("answer_not_multiple", what, "answer"))
    return faults


def _fill_in_faults(item: Item) -> list[Fault]:
    faults: list[Fault] = []
    if item.options or item.answer:
        faults.append(
            Fault(
                "fill_in_options", phrase(N_("填空题不能有选项。请删去选项，或把题型改为单选题。")), "option"
            )
        )
    blank = item.blank
    if blank is None or not (blank.texts or blank.numbers):
        return [*faults, Fault("answer_missing", phrase(N_("没有答案。请填写答案。")), "answer")]
    if blank.texts and blank.numbers:
        what = phrase(N_("答案里既有文字又有带误差的数值。请只写一种。"))
        faults.append(Fault("blank_mixed", what, "answer"))
    if len(blank.texts) + len(blank.numbers) > BLANK_ALTERNATIVES_MAX:
        what = phrase(
            N_("备选答案超过 %(most)s 种。请删减。"),
            most=BLANK_ALTERNATIVES_MAX,
        )
        faults.append(Fault("blank_too_many", what, "answer"))
    if any(number.tolerance < 0 for number in blank.numbers):
        faults.append(Fault("blank_tolerance", phrase(N_("误差不能是负数。请改为 0 或正数。")), "answer"))
    return [*faults, *_blank_text_faults(blank)]


def _blank_text_faults(blank: Blank) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for text in blank.texts:
        faults += text_faults(text, BLANK_TEXT_MAX, phrase(N_("“答案”")), "answer")
        if not blank.folded(text):
            faults.append(
                Fault("answer_missing", phrase(N_("有一种备选答案是空的。请填写，或删去它。")), "answer")
            )
        elif blank.folded(text) in seen:
            faults.append(
                Fault(
                    "blank_repeated",
                    phrase(N_("备选答案“%(text)s”写了两次。请删去一个。"), text=text),
                    "answer",
                )
            )
        elif ALTERNATIVES_SIGN in text or TOLERANCE_SIGN in text or "\n" in text:
            what = phrase(
                N_("答案“%(text)s”里有竖线、± 或换行；竖线只用来分开几种答案，± 只用来写误差。请改写。"),
                text=text,
            )
            faults.append(Fault("blank_sign", what, "answer"))
        seen.add(blank.folded(text))
    return faults


def _label_faults(item: Item) -> list[Fault]:
    faults = [
        *text_faults(item.explanation, EXPLANATION_MAX, phrase(N_("“解析”")), "explanation"),
        *text_faults(item.source, SOURCE_MAX, phrase(N_("“依据”")), "source"),
    ]
    if item.area not in AREAS:
        what = phrase(N_("知识领域“%(area)s”不认识。请改为：%(names)s。"), area=item.area, names=area_names())
        faults.append(Fault("area_unknown", what, "area"))
    return faults


def too_many_options(count: int) -> Phrase:
    """Say that an item has more options than there are letters."""
    return phrase(
        N_("有 %(count)s 个选项，最多 %(most)s 个（A—%(last)s）。请删减选项。"),
        count=count,
        most=OPTIONS_MAX,
        last=OPTION_KEYS[-1],
    )


def _range(item: Item) -> Phrase:
    if not item.options:
        return phrase(N_("没有选项"))
    if len(item.options) == 1:
        return phrase(N_("只有 %(first)s"), first=item.options[0].key)
    return phrase(N_("只有 %(first)s—%(last)s"), first=item.options[0].key, last=item.options[-1].key)
