"""The words people write in their spreadsheets, and what they mean here."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from question_bank.items import AREAS, OPTION_KEYS, Difficulty, ItemType

TYPE_WORDS: Mapping[str, ItemType] = {
    **dict.fromkeys(
        ("单选题", "单选", "单项选择题", "单项选择", "单项题", "单选择题", "single"), ItemType.SINGLE
    ),
    **dict.fromkeys(
        ("多选题", "多选", "多项选择题", "多项选择", "多项题", "多选择题", "multiple"), ItemType.MULTIPLE
    ),
    **dict.fromkeys(
        ("判断题", "判断", "是非题", "是非", "对错题", "正误题", "正误判断题", "true_false", "truefalse"),
        ItemType.TRUE_FALSE,
    ),
    **dict.fromkeys(("填空题", "填空", "填充题", "fill_in", "fillin", "shortanswer"), ItemType.FILL_IN),
}

OTHER_TYPES = (
    "不定项选择题 不定项 简答题 问答题 论述题 案例分析题 案例题 名词解释 名词解释题 计算题 连线题 配对题 匹配题 排序题 "
    "操作题 实操题 作文题 改错题 完形填空 数字类选择题 图片题 材料题 综合题 essay matching cloze"
).split()
"""Types that banks have and this one has not; their questions are named, never read as something else."""

DIFFICULTY_WORDS: Mapping[str, Difficulty] = {
    **dict.fromkeys(("易", "容易", "简单", "较易", "低", "easy"), Difficulty.EASY),
    **dict.fromkeys(("中", "中等", "一般", "适中", "普通", "medium"), Difficulty.MEDIUM),
    **dict.fromkeys(("难", "困难", "较难", "高", "hard"), Difficulty.HARD),
}

TRUE_WORDS = frozenset("正确 对 是 √ ✓ ✔ ☑ v t true y yes 正确的 对的".split())
FALSE_WORDS = frozenset("错误 错 否 × ✗ ✘ ✕ ╳ x f false n no 不正确 不对 不是 非 误 错误的 错的".split())

_HEADERS: Mapping[str, str] = {
    **dict.fromkeys(("题型", "试题类型", "题目类型", "类型", "问题类型", "type", "questiontype"), "type"),
    **dict.fromkeys(
        "题干 题目 试题 问题 题目内容 试题内容 问题描述 题目描述 题目题干 题干内容 试题题干 "
        "content question stem".split(),
        "stem",
    ),
    **dict.fromkeys(
        "选项 题目选项 试题选项 备选项 备选答案 选项内容 答案选项 options choices".split(), "options"
    ),
    **dict.fromkeys(
        "答案 正确答案 题目答案 试题答案 标准答案 参考答案 正确选项 answer answers key".split(), "answer"
    ),
    **dict.fromkeys(
        "解析 答案解析 试题解析 题目解析 解释 答案说明 explanation analysis".split(), "explanation"
    ),
    **dict.fromkeys(
        "知识领域 知识点 知识点名称 章节 所属章节 领域 模块 所属模块 知识模块 所属范围 area".split(), "area"
    ),
    **dict.fromkeys(
        "难度 题目难度 试题难度 难易度 难易程度 难度等级 难度系数 difficulty".split(), "difficulty"
    ),
    **dict.fromkeys("依据 出处 来源 法规依据 命题依据 试题来源 source".split(), "source"),
    **dict.fromkeys("序号 题号 题目序号 试题序号 no number".split(), "number"),
    **dict.fromkeys("编号 试题编号 题目编号 题目id 试题id id".split(), "id"),
    **dict.fromkeys("图片 题干图片 试题图片 题目图片 图片名称 图片地址 image picture".split(), "picture"),
    **dict.fromkeys("是否有图片 有无图片 是否有图".split(), "has_picture"),
    **dict.fromkeys("是否正确项 是否正确 是否正确选项 是否答案 是否为正确答案 是否正确答案".split(), "flag"),
    **dict.fromkeys(
        "分值 分数 分 题目分值 试题分值 备注 作业种类 题目分类 试题分类 人员类型 score points remark".split(),
        "skipped",
    ),
}

FIELDS = frozenset(_HEADERS.values()) | {
    f"{kind}:{key}" for kind in ("option", "flag") for key in OPTION_KEYS
}
"""What a column can be; see `header_field`."""

# A file repeats the same few words on every row.
_CACHE = 1024

_ORDINALS = "一二三四五六七八"
_OPTION_HEADER = re.compile(
    rf"^(?:选项|备选项|备选答案|答案选项|option_?)?([a-h{_ORDINALS}1-8])(?:选项|项)?(?:内容)?$"
)
_FLAG_HEADER = re.compile(rf"^选项([a-h{_ORDINALS}1-8])(?:是否正确|是否为正确答案|是否答案)$")
_BRACKETED = re.compile(r"[(\[【][^)\]】]*[)\]】]")
_SPACES = re.compile(r"\s+")
_AREA_BY_WORD = {
    **{code: code for code in AREAS},
    **{_SPACES.sub("", unicodedata.normalize("NFKC", name)): code for code, name in AREAS.items()},
    "职业标准与命审题": "standards",
    "职业标准与命题": "standards",
    "职业标准与命题审题": "standards",
}
_TITLE_WORDS = sorted(
    [*(word for word in TYPE_WORDS if word.endswith("题")), *OTHER_TYPES], key=len, reverse=True
)
_SECTION_TITLE = re.compile(
    r"^(?:第?[一二三四五六七八九十]+(?:部分|大题)?|\d{1,2}|[ivx]+)?[、.:\s]*"
    rf"({'|'.join(_TITLE_WORDS)})(?:$|[\s(:,。共每])"
)


def plain(value: object) -> str:
    """Return a cell as a word to look up: half-width, lower case, without spaces."""
    text = value if isinstance(value, str) else str(value)
    if text.isascii():
        return "".join(text.split()).lower()
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def header_field(value: object) -> str | None:
    """Return what a header cell stands for, or None.

    Fields are "type", "stem", "options" (all in one cell), "option:A".."option:H", "flag:A".."flag:H" (is
    option A right), "flag" (is the option in this row right), "answer", "explanation", "area", "difficulty",
    "source", "number" (in the sheet), "id" (in the bank it comes from), "picture", "has_picture" and "skipped"
    (known, but of no use here).
    """
    if not isinstance(value, str):
        return None
    word = _BRACKETED.sub("", plain(value)).strip("*:")
    if word in _HEADERS:
        return _HEADERS[word]
    for pattern, kind in ((_OPTION_HEADER, "option"), (_FLAG_HEADER, "flag")):
        match = pattern.match(word)
        # A bare digit or numeral heads no option column: it is more often a number of something.
        if match and (len(word) > 1 or (word.isascii() and word.isalpha())):
            return f"{kind}:{_option_key(match[1])}"
    return None


@lru_cache(maxsize=_CACHE)
def type_of(word: str) -> ItemType | None:
    """Return the question type a cell names, or None."""
    return TYPE_WORDS.get(_BRACKETED.sub("", plain(word)))


def section_word(text: str) -> str | None:
    """Return the type word of a section title inside the table, or None.

    An example is 一、单项选择题（每题1分）. The type may be one that the bank does not have (`OTHER_TYPES`).
    """
    match = _SECTION_TITLE.match(unicodedata.normalize("NFKC", text).strip().lower())
    return match[1] if match else None


def section_type(text: str) -> ItemType | None:
    """Return the type that a section title announces, or None."""
    word = section_word(text)
    return TYPE_WORDS.get(word) if word else None


def sheet_type(name: str) -> ItemType | None:
    """Return the type that a sheet's name announces (单选题, 多选题库).

    None when it names none or several.
    """
    found = {kind for word, kind in TYPE_WORDS.items() if len(word) > 1 and word in plain(name)}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=_CACHE)
def area_of(word: str) -> str | None:
    """Return the area code for a Chinese name or a code, or None.

    A path that begins with one counts too (政策法规/回避).
    """
    return _AREA_BY_WORD.get(plain(word)) or _AREA_BY_WORD.get(plain(word).split("/")[0])


@lru_cache(maxsize=_CACHE)
def difficulty_of(word: str) -> Difficulty | None:
    """Return the difficulty a cell names, or None."""
    return DIFFICULTY_WORDS.get(plain(word))


@lru_cache(maxsize=_CACHE)
def truth_of(word: str) -> bool | None:
    """Return whether a word or sign says right or wrong, or None when it says neither."""
    text = plain(word).rstrip(".。")
    # NFKC turns the Roman numeral that some input methods offer for a tick (Ⅴ) into a plain v.
    if text in TRUE_WORDS:
        return True
    return False if text in FALSE_WORDS else None


def _option_key(mark: str) -> str:
    if mark in _ORDINALS:
        return OPTION_KEYS[_ORDINALS.index(mark)]
    return OPTION_KEYS[int(mark) - 1] if mark.isdigit() else mark.upper()
