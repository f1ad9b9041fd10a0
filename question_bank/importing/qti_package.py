"""QTI packages: a ZIP with imsmanifest.xml, items and their pictures; nothing is ever written out (Q58)."""

import posixpath
from urllib.parse import unquote, urlsplit

from question_bank.importing.drafts import Draft, Gathering
from question_bank.importing.labels import take_label
from question_bank.importing.pictures import not_fetched
from question_bank.importing.qti import ITEM_NAMES, ItemReader
from question_bank.importing.report import UnreadableFile
from question_bank.importing.words import area_of, difficulty_of
from question_bank.importing.xml_tree import Node, parse_xml
from question_bank.importing.zipped import Zipped
from question_bank.items import Difficulty
from question_bank.passage import MISSING, picture_mark
from question_bank.phrases import N_, Phrase, phrase

MANIFEST = "imsmanifest.xml"
_ITEM_TYPE = "imsqti_item"
# The words of IEEE LOM, which the manifests of item banks speak.
_DIFFICULTIES = {
    **dict.fromkeys(("very easy", "easy"), Difficulty.EASY),
    "medium": Difficulty.MEDIUM,
    **dict.fromkeys(("difficult", "very difficult"), Difficulty.HARD),
}


def read_package(zipped: Zipped, gathering: Gathering) -> None:
    """Read every item that the manifest names; what cannot be read is a fault that names its file."""
    manifest = parse_xml(zipped.unpack(MANIFEST))
    resources = manifest.deep("resource")
    if manifest.name != "manifest" or not resources:
        raise UnreadableFile("manifest_empty", N_("imsmanifest.xml 里没有列出任何资源。请重新导出这个包。"))
    for resource in resources:
        kind = resource.attributes.get("type", "")
        for reference in [resource, *resource.all("file")]:
            _check_reference(zipped, reference, gathering)
        if kind.startswith(_ITEM_TYPE):
            _read_resource(zipped, resource, gathering)
        elif kind.startswith(("imsqti_test", "imsqti_section")):
            gathering.sheet = MANIFEST
            gathering.lose(resource.line, [phrase(N_("试卷的结构（请用组卷方案）"))])


def _check_reference(zipped: Zipped, reference: Node, gathering: Gathering) -> None:
    name = reference.attributes.get("href", "")
    gathering.sheet = MANIFEST
    if not name:
        return
    if urlsplit(name).scheme or name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        raise UnreadableFile(
            "reference_outside",
            N_("imsmanifest.xml 第 %(line)s 行：地址“%(name)s”指向包外，整个包不读取。请重新打包。"),
            line=reference.line,
            name=name[:60],
        )
    if unquote(name) not in zipped and reference.name == "resource":
        gathering.refuse(
            reference.line,
            "file_missing",
            phrase(N_("包里没有文件“%(name)s”。请重新打包。"), name=name[:60]),
            name,
        )


def _read_resource(zipped: Zipped, resource: Node, gathering: Gathering) -> None:
    name = unquote(resource.attributes.get("href", ""))
    if name not in zipped:
        return
    gathering.sheet = name
    try:
        root = parse_xml(zipped.unpack(name))
    except UnreadableFile as error:
        gathering.refuse(1, error.fault.code, error.fault.what)
        return
    if root.name not in ITEM_NAMES:
        gathering.refuse(
            root.line,
            "not_an_item",
            phrase(N_("文件里是“%(name)s”，不是试题。请检查这个包。"), name=root.name[:40]),
        )
        return
    draft = Draft(root.line)
    _take_metadata(resource, draft, gathering)
    folder = posixpath.dirname(name)

    def show(address: str, alt: str) -> tuple[str, Phrase | None]:
        path = posixpath.normpath(posixpath.join(folder, unquote(address)))
        label = alt or posixpath.basename(path)
        if urlsplit(address).scheme or path not in zipped:
            return picture_mark(MISSING, label), not_fetched(address)
        return gathering.pictures.keep(bytes(zipped.unpack(path)), label)

    ItemReader(root, gathering, show, draft).read()


def _take_metadata(resource: Node, draft: Draft, gathering: Gathering) -> None:
    metadata = resource.first("metadata")
    if metadata is None:
        return
    for node in metadata.deep("difficulty"):
        word = node.words.split("\n")[-1].strip() or node.words.strip()
        for said in (word, *(value.words.strip() for value in node.deep("value", "langstring", "string"))):
            draft.difficulty = draft.difficulty or _DIFFICULTIES.get(said.lower()) or difficulty_of(said)
    for node in metadata.deep("keyword", "entry"):
        word = " ".join(node.words.split())
        area = area_of(word)
        if area:
            draft.area = area
        elif word and not take_label(draft, word):
            gathering.lose(resource.line, [phrase(N_("关键词"))])
