"""Two whole languages: no text is without its English, and no Chinese text stands outside the catalogue."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from lms.app.translations import StaleCatalogue, compile_catalogue, refuse_stale
from lms.app.translations.__main__ import main
from lms.app.translations.compiled import COMPILED, WRITTEN
from lms.app.translations.upkeep import KEYWORDS, faults, read
from tests.house.unmarked_texts import MARKS, in_python, in_script, in_template, unmarked

pytestmark = pytest.mark.xdist_group("sources")
ROOT = Path(__file__).parents[2]

BUTTON = re.compile(r"<button[^>]*>((?:(?!<button).)*?)</button>", re.DOTALL)
BARE_TEXT = re.compile(r"(?<![\w(])_\('([^']+)'")
"""A text that is marked without a context: the same words elsewhere share its translation."""
IS_DONE = re.compile(r"^(\w+ )?(\w+ed|withdrawn|taken back)$")

# Chinese that is no text of a page, by file or by file and words in it, and why.
NOT_SPOKEN = {
    "lms/app/supervisor/": "lines for the operator at the terminal, in both languages at once",
    "lms/app/translations/upkeep.py": "the Chinese words that an English text may hold",
    "lms/accounts/languages.py": "each language is named in itself",
    "lms/certificates/fonts.py": "signs that the certificate's fonts must hold",
    "lms/certificates/pictures.py": "signs that a line of the printed certificate may not begin with",
    "lms/certificates/policy/certificates.py": "the words of the certificate, which is printed in Chinese",
    "lms/certificates/policy/layouts.py": "as policy: the words of the certificate, and the marks in them",
    "lms/certificates/layout_sample.py": "as policy: what a sample prints",
    "lms/certificates/seal_keys.py": "the names in the seal's certificates",
    "lms/certificates/policy/seals.py:签发电子证书": "what the seal says of itself in the document",
    "lms/certificates/policy/versions.py": "as policy: what a later version prints about itself",
    "lms/registry/jobs/changes.py": "as notices/jobs.py",
    "lms/registry/jobs/reminders.py": "as notices/jobs.py",
    "lms/core/formats.py:职业技能": "the words that offices are named with: where a name may break",
    "lms/core/settings.py": "names of the operator's organisation: settings",
    "lms/core/speech.py": "full stops that are taken off before sentences are joined",
    "lms/demo/": "the demo's people, lessons and plans: data",
    "lms/courses/jobs.py": "as questions/jobs.py",
    "lms/questions/jobs/imports.py": "the mail of a job, as that of the notices",
    "lms/notices/jobs.py": "a mail is written by a job, which has no reader, and says everything in both languages",
    "lms/plans/forms.py:[:：]": "the full-width colon that people type",
    "lms/questions/service/imports.py:题库": "the stored name of a file that came without one",
    "lms/registry/policy/merges.py:这条登记已并入": "an answer in the record, as registrars write theirs",
    "lms/registry/policy/imports.py": "what offices write into their registers: headings, words and days",
    "lms/registry/policy/search.py": "surnames that are read in one way only",
    "lms/registry/workbook.py": "a file is written by a job, which has no reader: the list for offices is Chinese",
    "lms/registry/verify_workbook.py": "headings of an employer's list, which are read in Chinese and English",
    "lms/study/jobs/classes.py": "as notices/jobs.py",
    "lms/study/class_workbook.py": "as registry/workbook.py",
    "lms/exam/seat_workbook.py": "headings of a workbook for offices, which are read in Chinese and English",
    "lms/study/jobs/notices.py": "as notices/jobs.py",
    "question_bank/__main__.py": "the authors' command line speaks Chinese",
    "question_bank/data/": "the course's own questions: data",
    "question_bank/errors.py": "a broken store, told to logs",
    "question_bank/exporting/": "the workbook that authors fill in, in Chinese",
    "question_bank/importing/": "what people write into workbooks: headings, words, marks and separators",
    "question_bank/items/question.py": "the two options of a true-or-false question: content of papers",
    "question_bank/sampling.py": "how options speak of each other",
    "templates/certificates/certificate.html": "the printed certificate",
    "templates/certificates/preview.svg": "the printed certificate on the screen",
}


def excused(path: str, text: str) -> str | None:
    """Return the line of NOT_SPOKEN that covers a text."""
    for key in NOT_SPOKEN:
        place, _, words = key.partition(":")
        if path.startswith(place) and words in text:
            return key
    return None


# -- every text has its English ---------------------------------------------------------------------


def test_the_catalogue_holds_exactly_the_texts_of_the_sources_and_each_is_translated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check"]) == 0
    assert "0 to mend" in capsys.readouterr().out
    assert len(read()) > 1500, "the extraction found the sources"


def catalogue(**texts: str) -> Catalog:
    made = Catalog(locale="en")
    for text, english in texts.items():
        made.add(text, english)
    return made


@pytest.mark.parametrize(
    ("text", "english", "complaint"),
    [
        ("报名", "", "not translated"),
        ("报名", "  ", "not translated"),
        ("还有 %(count)s 天", "%(days)s days left", "places ['days'] instead of ['count']"),
        ("还有 %(count)s 天", "some days left", "places [] instead of ['count']"),
        ("第 {n} 题", "Question", "places [] instead of ['n']"),
        ("%(part)s 完成", "%(part)s done, 100% sure", "a percent sign"),
        ("分:秒，至少长 5%", "at least 5%% longer", "a percent sign"),
        ("请填“正确”", "Please enter 正确的", "Chinese left in the English text (正确的)"),
        ("省，市", "province， city", "Chinese left"),
    ],
)
def test_a_text_that_cannot_be_shown_is_named(text: str, english: str, complaint: str) -> None:
    [found] = faults(catalogue(**{text: english}))
    assert complaint in found
    assert text in found


def test_a_good_text_gives_no_complaint() -> None:
    good = catalogue(
        **{"请填“正确”": "Please enter “正确” (true)", "%(a)s %(b)s": "%(b)s: %(a)s", "5%": "5%"}
    )
    assert faults(good) == []


def test_a_guess_of_a_tool_is_no_translation() -> None:
    made = Catalog(locale="en")
    made.add("报名", "Enrol", flags=["fuzzy"])
    assert faults(made) == ["marked as fuzzy: 报名"]


def test_both_forms_of_a_count_are_needed() -> None:
    made = Catalog(locale="en")
    made.add(("%(num)s 天", "%(num)s 天"), ("%(num)s day", ""))
    assert faults(made) == ["not translated: %(num)s 天"]


def test_new_and_lost_texts_are_named() -> None:
    assert faults(catalogue(旧="old"), catalogue(新="")) == [
        "not in the catalogue: 新",
        "no source says this any more: 旧",
    ]


def test_the_same_words_with_another_meaning_are_another_text() -> None:
    button = Catalog(locale="en")
    button.add("通过", "Approve", context="button")
    assert faults(button, catalogue(通过=""))[0] == "not in the catalogue: 通过"


# -- the compiled catalogue -------------------------------------------------------------------------


def test_a_site_without_its_compiled_catalogue_does_not_start(tmp_path: Path) -> None:
    written = tmp_path / "messages.po"
    shutil.copy(WRITTEN, written)
    with pytest.raises(StaleCatalogue, match=r"is missing.*script/setup"):
        refuse_stale(written)
    assert compile_catalogue(written) is True
    refuse_stale(written)
    assert compile_catalogue(written) is False, "there was nothing to do"
    written.write_text(written.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    with pytest.raises(StaleCatalogue, match="older than its source"):
        refuse_stale(written)


def test_a_damaged_compiled_catalogue_is_no_catalogue(tmp_path: Path) -> None:
    written = tmp_path / "messages.po"
    shutil.copy(WRITTEN, written)
    written.with_suffix(".mo").write_bytes(b"not a catalogue")
    with pytest.raises(StaleCatalogue):
        refuse_stale(written)
    compile_catalogue(written)
    refuse_stale(written)


def test_the_compiled_catalogue_is_made_on_the_spot_and_never_committed() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", COMPILED.relative_to(ROOT)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert tracked.stdout == ""
    assert COMPILED.exists()


# -- no Chinese beside the catalogue ----------------------------------------------------------------


def test_no_page_can_show_chinese_that_nobody_marked_and_every_excuse_is_still_needed() -> None:
    found = list(unmarked(ROOT))
    loose = [f"{path}:{line}: {text[:60]!r}" for path, line, text in found if not excused(path, text)]
    assert loose == [], (
        "mark it with _(), N_() and the like, or say in NOT_SPOKEN why it is no text of a page"
    )
    used = {excused(path, text) for path, _line, text in found}
    assert set(NOT_SPOKEN) - used == set()


def test_what_counts_as_marked_is_what_the_extraction_finds() -> None:
    assert set(KEYWORDS) == MARKS


def texts(found: Iterator[tuple[int, str]]) -> list[str]:
    return [text for _line, text in found]


def test_unmarked_chinese_in_python_is_found() -> None:
    source = (
        '"""说明"""\nx = "报名"  # 注释\ny = _("审核")\nz = f"第 {x} 题"\nE(N_("甲"), "乙", NN_("丙", "n"))\n'
    )
    assert texts(in_python(source)) == ["报名", "第 ", " 题", "乙"]


def test_unmarked_chinese_in_a_page_is_found() -> None:
    source = (
        "{# 说明 #}<h1>报名</h1>{{ _('审核') }}{{ pill('ok', '合格') }}{{ ngettext('题', '题', n) }}"
        "<a title='（甲）'>"
    )
    assert texts(in_template(source)) == ["<h1>报名</h1>", "<a title='（甲）'>", "合格"]


def test_unmarked_chinese_in_a_script_is_found() -> None:
    source = '/* 说明\n 甲 */\nconst a = "https://x"; // 注释\nshow("报名");\n'
    assert list(in_script(source)) == [(4, 'show("报名");')]


def test_a_button_says_in_english_what_it_does_and_not_what_was_done() -> None:
    """Chinese has one form for both, so the words of an event or a column must not be lent to a button."""
    catalogue = read(WRITTEN)
    done = {
        text: catalogue.get(text).string
        for page in (ROOT / "templates").rglob("*.html")
        for button in BUTTON.findall(page.read_text(encoding="utf-8"))
        for text in BARE_TEXT.findall(button)
        if catalogue.get(text) and IS_DONE.search(str(catalogue.get(text).string))
    }
    assert done == {}
