"""The public practice files: each is read as its author meant it, or refused with a place and a reason."""

from collections import Counter
from pathlib import Path

import pytest

from question_bank.importing import ImportReport, profile_from_json, read_questions
from question_bank.items import Item, ItemType
from question_bank.passage import pictures
from question_bank.validation import validate_item

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the practice files are not beside this clone")

S, M, T, F = ItemType.SINGLE, ItemType.MULTIPLE, ItemType.TRUE_FALSE, ItemType.FILL_IN


def read(path: str) -> ImportReport:
    return read_questions((SAMPLES / path).read_bytes(), Path(path).name, default_area="policy")


def keys(report: ImportReport) -> list[str]:
    return [_key(located.item) for located in report.items]


def _key(item: Item) -> str:
    return item.blank.text if item.blank else "".join(sorted(item.answer))


@pytest.mark.parametrize(
    ("path", "expected", "faults"),
    [
        (
            "aiken/sonsoleslp_aiken_variants.txt",
            ["C", "A", "CD", "4|four", "A", "B", "D", "C"],
            {"type_unknown": 4, "answer_unreadable": 3, "answer_missing": 3},
        ),
        ("gift/fuhrmanator_TFTwoFeedback.gift", [], {"duplicate_contradicts": 2}),
        ("gift/fuhrmanator_escapeAll.gift", ["G"], {}),
        ("gift/fuhrmanator_formatExamples.gift", ["A"], {}),
        (
            "gift/fuhrmanator_giftFormatPhpExamples.gift",
            ["C", "B", "B", "no one|nobody", "C", "Nazareth"],
            {"type_unknown": 1, "duplicate": 1, "duplicate_contradicts": 1},
        ),
        ("gift/fuhrmanator_mc5.gift", ["C", "B", "C", "B"], {}),
        (
            "gift/fuhrmanator_numerical1.gift",
            ["1822±0", "-1±0", "3.1415±0.0005", "3±2", "0±5", "9±0"],
            {"duplicate": 2, "duplicate_contradicts": 1},
        ),
        (
            "gift/fuhrmanator_options1.gift",
            [
                "4±0",
                "China",
                "C",
                "C",
                "no one|nobody",
                "no one|nobody",
                "B",
                "C",
                "D",
                "Nazareth",
                "BC",
                "B",
                "F",
            ],
            {"duplicate": 1},
        ),
        ("gift/fuhrmanator_tag_id_and_two_tags.gift", [], {"type_unknown": 1}),
        (
            "moodle_xml/sonsoleslp_from_aiken.xml",
            ["A", "CD", "4|four", "A", "5±0"],
            {"type_unknown": 4, "duplicate": 1},
        ),
        (
            "moodle_xml/sonsoleslp_moodle_test.xml",
            ["A", "A", "B", "B", "B", "B", "BC", "AB", "BC", "H", "0", "18", "5±1"],
            {"type_unknown": 9},
        ),
        ("qti21/pie_mapping-only-choice.xml", ["B"], {}),
        ("qti21/pie_multi-answer-max-choices-one.xml", [], {"xml_broken": 1}),
        ("qti21/qtiworks_BadManifest.zip", [], {"xml_broken": 1}),
        ("qti21/qtiworks_MissingFile.zip", [], {"file_missing": 1}),
        (
            "qti21/qtiworks_WebDeveloperTest1.zip",
            ["C", "A", "C", "D", "BE", "D", "A", "AB"],
            {"type_unknown": 1},
        ),
        ("qti21/qtiworks_ZipSlip.zip", [], {"archive_names": 1}),
        ("qti21/qtiworks_ims_choice.xml", ["A"], {}),
        ("qti21/qtiworks_ims_choice_fixed.xml", ["A"], {}),
        ("qti21/qtiworks_ims_choice_multiple.xml", ["AD"], {}),
        ("qti21/qtiworks_ims_order.xml", [], {"type_unknown": 1}),
        ("qti3/pie_qti3-choice-multiple.xml", ["AC"], {}),
        ("qti3/pie_qti3-choice-single.xml", ["C"], {}),
        ("qti3/pie_qti3-order-interaction.xml", [], {"type_unknown": 1}),
    ],
)
def test_each_file_gives_its_keys_and_names_the_rest(
    path: str, expected: list[str], faults: dict[str, int]
) -> None:
    report = read(path)
    assert keys(report) == expected
    assert Counter(fault.code for fault in report.faults) == faults
    assert all(validate_item(located.item) == [] for located in report.items)
    assert all(fault.message for fault in report.faults)


def test_every_practice_file_is_in_this_story() -> None:
    files = {
        path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*") if "LICENSE" not in path.name
    }
    [marked] = [
        mark
        for mark in test_each_file_gives_its_keys_and_names_the_rest.pytestmark
        if mark.name == "parametrize"
    ]
    told = {case[0] for case in marked.args[1]}
    assert files - told == {"csv_json/crac2025_class_a.csv", "csv_json/crac2025_images.csv"}


def test_types_follow_what_the_authors_wrote() -> None:
    report = read("moodle_xml/sonsoleslp_moodle_test.xml")
    assert [located.item.type for located in report.items] == [T, T, T, S, S, S, M, M, M, F, F, F, F]


def test_a_package_brings_its_pictures_and_a_lone_item_names_the_one_it_lacks() -> None:
    package = read("qti21/qtiworks_WebDeveloperTest1.zip")
    [shown] = [picture for located in package.items for picture in pictures(located.item.stem)]
    assert shown.key is not None
    # It is called directory.jpg and is none: the bytes decide.
    assert package.pictures[shown.key].media_type == "image/gif"
    lone = read("qti21/qtiworks_ims_choice.xml")
    assert [picture.key for picture in pictures(lone.items[0].item.stem)] == [None]
    assert [warning.code for warning in lone.warnings] == ["picture_missing", "lost_1"]


def test_what_is_not_carried_over_is_named_once_for_each_kind() -> None:
    losses = read("gift/fuhrmanator_options1.gift").losses
    assert [loss.message.split("没有导入")[0] for loss in losses] == [
        "选项的反馈",
        "Markdown 的格式（标记按原文显示）",
        "部分得分的选项权重",
        "选错倒扣的权重",
    ]


CRAC = profile_from_json(
    {
        "columns": {"J": "id", "P": "area", "I": "skipped", "Q": "stem", "T": "answer"},
        "areas": {"1": "policy", "2": "methods", "3": "workflow", "4": "standards", "5": "administration"},
        "type_from_answer": True,
    }
)


def test_a_public_bank_of_683_questions_comes_in_whole_by_its_profile() -> None:
    path = SAMPLES / "csv_json/crac2025_class_a.csv"
    report = read_questions(path.read_bytes(), path.name, default_area="policy", profile=CRAC)
    assert report.faults == ()
    assert Counter(located.item.type for located in report.items) == {S: 547, M: 136}
    assert {_key(located.item) for located in report.items if located.item.type is S} == {"A"}
    assert all(located.source_id for located in report.items)
    assert {warning.code for warning in report.warnings} == {"stem_repeated", "no_difficulty"}


def test_a_table_without_known_headings_is_refused_as_a_whole() -> None:
    for path in ("csv_json/crac2025_class_a.csv", "csv_json/crac2025_images.csv"):
        assert [fault.code for fault in read(path).faults] == ["no_heading"]
