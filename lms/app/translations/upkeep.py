"""Keeping the written catalogue whole: what the sources say, what is missing, and what is not right."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from lms.app.translations.compiled import LOCALE, WRITTEN
from lms.core.settings import ROOT

MAPPING = ROOT / "babel.cfg"
SOURCES = ("lms", "question_bank", "templates")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None, "gettext": None, "_l": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2),
    "lazy_ngettext": (1, 2), "NN_": (1, 1), "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
CHINESE_IN_ENGLISH = frozenset(
    "题型 题干 选项 选项A 选项B 选项F 选项G 选项H 答案 解析 知识领域 难度 依据 正确 错误 单选题 多选题 判断题 填空题 "
    "易 中 难 是 否 中文 【级别】 【发证机关】 "
    "姓名 身份证号码 考评职业（工种） 级别 证书编号 证书有效期 性别 联系电话 工作单位 "
    "职业编码 大典版本 发证日期 发证机构 考评员 高级考评员 至".split()
)
"""Chinese an English reader needs to see: what is typed into a workbook or a layout, and the other language's name."""
HEADER = f"""\
# English texts. `script/translations` brings this file to the sources' texts; every msgstr is written by hand.
msgid ""
msgstr ""
"Project-Id-Version: lms\\n"
"Language: {LOCALE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
_LINE_LENGTH = 110
_PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
_BARE_PERCENT = re.compile(r"(?<!%)%(?![(%])")
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")


def extract(root: Path = ROOT) -> Catalog:
    """Return every message id of the sources, without translations."""
    found = Catalog()
    with MAPPING.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel types most of itself

    def is_source(folder: str) -> bool:
        return Path(folder).relative_to(root).parts[0] in SOURCES

    # Sorted, for the walk through folders has another order on every disk.
    texts = sorted(
        extract_from_dir(root, methods, options, KEYWORDS, directory_filter=is_source),
        key=lambda text: text[:2],
    )
    for name, line, message, comments, context in texts:
        found.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    return found


def read(written: Path = WRITTEN) -> Catalog:
    """Return the catalogue as it is written."""
    if not written.exists():
        return Catalog(locale=LOCALE)
    with written.open("rb") as file:
        return read_po(file, locale=LOCALE)


def refresh(written: Path = WRITTEN) -> Catalog:
    """Bring the written catalogue to the texts of the sources; new ones stay empty, lost ones go."""
    catalogue = read(written)
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    written.parent.mkdir(parents=True, exist_ok=True)
    with written.open("wb") as file:
        # Dates and line numbers would change with every refresh and make two people's work collide.
        file.write(HEADER.encode())
        write_po(
            file, catalogue, width=_LINE_LENGTH, omit_header=True, sort_by_file=True, include_lineno=False
        )
    return read(written)


def faults(catalogue: Catalog, sources: Catalog | None = None) -> list[str]:
    """Say what is wrong with a catalogue: texts that differ from the sources', and texts that cannot be shown."""
    found: list[str] = []
    if sources is not None:
        kept, wanted = _ids(catalogue), _ids(sources)
        found += [f"not in the catalogue: {key[-1]}" for key in sorted(wanted - kept)]
        found += [f"no source says this any more: {key[-1]}" for key in sorted(kept - wanted)]
    for message in _messages(catalogue):
        found += [f"{what}: {_texts(message.id)[0]}" for what in _wrong(message)]
    return found


def _wrong(message: Message) -> Iterator[str]:
    source = _texts(message.id)[-1]
    texts = _texts(message.string or "")
    if message.fuzzy:
        yield "marked as fuzzy"
    if not texts or not all(text.strip() for text in texts):
        yield "not translated"
        return
    for text in texts:
        if _places(text) != _places(source):
            yield f"places {sorted(_places(text))} instead of {sorted(_places(source))}"
        if _percent_signs(text) - _percent_signs(source):
            yield "a percent sign that is not written as in the source"
        strange = [run for run in _CHINESE.findall(text) if run not in CHINESE_IN_ENGLISH]
        if strange:
            yield f"Chinese left in the English text ({' '.join(strange)})"


def _places(text: str) -> frozenset[str]:
    return frozenset(found[1] or found[2] for found in _PLACE.finditer(text))


def _percent_signs(text: str) -> frozenset[str]:
    """Tell how a text writes percent signs: doubled where places are filled, bare where none are."""
    bare = {"bare"} if _BARE_PERCENT.search(text) else set()
    return frozenset(bare | ({"doubled"} if "%%" in text else set()))


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _ids(catalogue: Catalog) -> set[tuple[str, ...]]:
    """Return what tells the texts of a catalogue apart: the meaning that was named, if any, and all forms."""
    return {(message.context or "", *_texts(message.id)) for message in _messages(catalogue)}


def _texts(value: str | list[str] | tuple[str, ...]) -> list[str]:
    """Return one text or the forms of a plural as a list."""
    return [value] if isinstance(value, str) else list(value)
