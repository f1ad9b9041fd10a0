"""Forged certificates: every way we know to make another file out of a genuine one, by tools anybody may have."""

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.functions import sign_pdf
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata

from lms.certificates.seal import seal
from lms.certificates.seal_keys import SealFolder, make
from lms.core.settings import Settings
from tests.support.people import portrait
from tests.support.seals import MADE_AT, ORGANISATION
from tests.support.threads import aside

SIGNED = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]")
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
ELSEWHERE = "https://verify.example.com/verify/0123456789abcdef"


@dataclass(frozen=True)
class Material:
    """What a forger has: two genuine certificates, the print without its seal, and keys of his own."""

    genuine: bytes
    other: bytes
    own_keys: Settings
    """An authority of his own that bears our names."""
    own_signature: Settings
    """A single certificate signed by itself, with the very subject of ours."""

    @classmethod
    def gather(cls, genuine: bytes, other: bytes, real: x509.Certificate, folder: Path) -> "Material":
        """Make the forger's keys."""
        make(SealFolder(folder / "own"), ORGANISATION, MADE_AT, 2048)
        key = rsa.generate_private_key(65537, 2048)
        alike = (
            x509.CertificateBuilder()
            .subject_name(real.subject)
            .issuer_name(real.issuer)
            .public_key(key.public_key())
            .serial_number(real.serial_number)
            .not_valid_before(MADE_AT)
            .not_valid_after(MADE_AT + timedelta(days=3650))
            .sign(key, hashes.SHA256())
        )
        file = SealFolder(folder / "alike").signing
        file.parent.mkdir(parents=True)
        file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + alike.public_bytes(Encoding.PEM)
        )
        return cls(
            genuine, other, Settings(seal_dir=folder / "own"), Settings(seal_dir=folder / "alike")
        )  # fmt: skip

    @property
    def unsealed(self) -> bytes:
        """The print as it was before it was sealed."""
        cut = self.genuine.index(b"%%EOF") + len(b"%%EOF\n")
        return self.genuine[:cut]


Forge = Callable[[Material], bytes]
FORGERIES: dict[str, Forge] = {}


def forgery(make_it: Forge) -> Forge:
    """Count a way to forge by its name."""
    FORGERIES[make_it.__name__] = make_it
    return make_it


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def saved(pdf: pikepdf.Pdf, **how: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **how)  # type: ignore[arg-type]  # what pikepdf takes
    return out.getvalue()


def words_of(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Return the stream that holds the words of the page; the ground lies in the one before."""
    return pdf.pages[0].Contents[-1]


def rewritten(data: bytes, place: int) -> bytes:
    """Write other glyphs into one line of text of the page."""
    pdf = opened(data)
    stream = words_of(pdf)
    lines = list(re.finditer(rb"\[(?:<[0-9a-f]*>-?[0-9.]*)+\] ?TJ", stream.read_bytes()))
    old = lines[place][0]
    glyphs = re.findall(rb"<([0-9a-f]{4})>", old)
    new = old.replace(glyphs[0], glyphs[-1]) if glyphs[0] != glyphs[-1] else old.replace(glyphs[0], b"0003")
    assert new != old
    stream.write(stream.read_bytes().replace(old, new, 1))
    return saved(pdf)


def appended(data: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Append a version in which something is changed; what was signed stays as it was."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sealed_by(settings: Settings, data: bytes) -> bytes:
    """Seal as the service does, by other keys."""
    return seal(
        settings, data, numbered_at=NOW, now=NOW, place=ORGANISATION, leads_to="http://localhost/verify/x"
    ).data


def overlaid(pdf: pikepdf.Pdf, operators: bytes) -> pikepdf.Pdf:
    page = pdf.pages[0]
    page.contents_add(Stream(pdf, operators))
    return pdf


def picture(pdf: pikepdf.Pdf, jpeg: bytes) -> Stream:
    with Image.open(io.BytesIO(jpeg)) as image:
        width, height = image.size
    return Stream(
        pdf, jpeg, Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, BitsPerComponent=8,
        ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode,
    )  # fmt: skip


def qr_jpeg(address: str) -> bytes:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="png", scale=6)
    out = io.BytesIO()
    Image.open(drawn).convert("RGB").save(out, "JPEG")
    return out.getvalue()


# ---- what is printed --------------------------------------------------------------------------------


@forgery
def another_name(material: Material) -> bytes:
    return rewritten(material.genuine, 4)


@forgery
def another_number(material: Material) -> bytes:
    return rewritten(material.genuine, 1)


@forgery
def another_date(material: Material) -> bytes:
    return rewritten(material.genuine, -1)


@forgery
def a_page_appended(material: Material) -> bytes:
    pdf = opened(material.genuine)
    pdf.add_blank_page(page_size=(842, 595))
    return saved(pdf)


@forgery
def the_page_replaced_by_that_of_another(material: Material) -> bytes:
    pdf = opened(material.genuine)
    other = opened(material.other)
    pdf.pages[0] = other.pages[0]
    with warnings.catch_warnings(
        action="ignore"
    ):  # the form of the other stays behind, as a forger would have it
        return saved(pdf)


@forgery
def the_words_removed(material: Material) -> bytes:
    pdf = opened(material.genuine)
    words_of(pdf).write(b" ")
    return saved(pdf)


@forgery
def another_photo(material: Material) -> bytes:
    pdf = opened(material.genuine)
    images = pdf.pages[0].Resources.XObject
    (key,) = list(images.keys())
    images[key] = pdf.make_indirect(picture(pdf, portrait(300, 420)))
    return saved(pdf)


@forgery
def another_code_laid_over(material: Material) -> bytes:
    pdf = opened(material.genuine)
    pdf.pages[0].Resources.XObject["/Code"] = pdf.make_indirect(picture(pdf, qr_jpeg(ELSEWHERE)))
    return saved(overlaid(pdf, b"q 90 0 0 90 60 60 cm /Code Do Q"))


@forgery
def the_code_leads_elsewhere_and_nothing_else_names_us(material: Material) -> bytes:
    pdf = opened(another_code_laid_over(material))
    pdf.docinfo["/Keywords"] = String("0123456789abcdef")
    del pdf.Root["/Metadata"]
    return saved(pdf)


@forgery
def another_font(material: Material) -> bytes:
    pdf = opened(material.genuine)
    fonts = pdf.pages[0].Resources.Font
    first, second = list(fonts.keys())[:2]
    fonts[first], fonts[second] = fonts[second], fonts[first]
    return saved(pdf)


@forgery
def a_layer_that_hides(material: Material) -> bytes:
    pdf = opened(material.genuine)
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("x")))
    pdf.Root["/OCProperties"] = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    pdf.pages[0].Resources["/Properties"] = Dictionary(X=layer)
    page = pdf.pages[0]
    page.Contents = Array(
        [
            pdf.make_indirect(Stream(pdf, b"/OC /X BDC")),
            *page.Contents,
            pdf.make_indirect(Stream(pdf, b"EMC")),
        ]
    )
    return saved(pdf)


@forgery
def a_crop_that_hides(material: Material) -> bytes:
    pdf = opened(material.genuine)
    pdf.pages[0].CropBox = Array([0, 0, 842, 300])
    return saved(pdf)


# ---- what is laid on top ----------------------------------------------------------------------------


@forgery
def an_annotation_over_the_name(material: Material) -> bytes:
    pdf = opened(material.genuine)
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.FreeText, Rect=Array([200, 300, 400, 340]), Contents=String("陈清和"),
        DA=String("/Helv 20 Tf 0 g"), F=4,
    )  # fmt: skip
    pdf.pages[0].Annots = Array([*pdf.pages[0].get("/Annots", Array()), pdf.make_indirect(note)])
    return saved(pdf)


@forgery
def a_form_field_over_the_name(material: Material) -> bytes:
    pdf = opened(material.genuine)
    box = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("n"), V=String("陈清和"), F=4,
            Rect=Array([200, 300, 400, 340]), DA=String("/Helv 20 Tf 0 g"),
        )
    )  # fmt: skip
    pdf.Root.AcroForm.Fields.append(box)
    pdf.pages[0].Annots.append(box)
    return saved(pdf)


@forgery
def a_link_over_the_code(material: Material) -> bytes:
    pdf = opened(material.genuine)
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([50, 50, 150, 150]),
        A=Dictionary(S=Name.URI, URI=String(ELSEWHERE)),
    )
    pdf.pages[0].Annots.append(pdf.make_indirect(link))
    return saved(pdf)


@forgery
def a_script_that_runs_at_opening(material: Material) -> bytes:
    pdf = opened(material.genuine)
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert('genuine')"))
    return saved(pdf)


@forgery
def a_file_attached(material: Material) -> bytes:
    pdf = opened(material.genuine)
    pdf.attachments["transcript.txt"] = b"100"
    return saved(pdf)


@forgery
def other_metadata(material: Material) -> bytes:
    pdf = opened(material.genuine)
    pdf.docinfo["/Title"] = String("高级考评员证书")
    return saved(pdf)


# ---- versions of the file ---------------------------------------------------------------------------


@forgery
def a_later_version_with_other_words(material: Material) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        stream = page["/Contents"][-1]
        stream._data = stream.data.replace(b"Tf", b"Tf 1 Tr", 1)
        stream._encoded_data = None
        writer.update_container(stream)

    return appended(material.genuine, change)


@forgery
def a_shadow_that_changes_places(material: Material) -> bytes:
    """A page prepared before the seal, shown after it."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents")[0]])
        writer.update_container(page)

    return appended(material.genuine, change)


@forgery
def bytes_after_the_end(material: Material) -> bytes:
    return material.genuine + b"\n% signed by the ministry\n"


@forgery
def bytes_before_the_start(material: Material) -> bytes:
    return b"\n" + material.genuine


@forgery
def the_end_cut_off(material: Material) -> bytes:
    return material.genuine[:-40]


@forgery
def two_certificates_in_one_file(material: Material) -> bytes:
    return material.genuine + material.other


@forgery
def saved_again_by_another_program(material: Material) -> bytes:
    return saved(opened(material.genuine), linearize=True)


@forgery
def locked_with_a_password(material: Material) -> bytes:
    return saved(opened(material.genuine), encryption=pikepdf.Encryption(owner="x", user=""))


@forgery
def another_version_in_the_head(material: Material) -> bytes:
    return material.genuine.replace(b"%PDF-1.7", b"%PDF-1.6", 1)


# ---- the seal itself --------------------------------------------------------------------------------


@forgery
def the_seal_cut_off(material: Material) -> bytes:
    return material.unsealed


@forgery
def the_seal_removed(material: Material) -> bytes:
    pdf = opened(material.genuine)
    del pdf.Root["/AcroForm"]
    del pdf.Root["/Perms"]
    pdf.pages[0].Annots = Array()
    return saved(pdf)


@forgery
def sealed_by_a_stranger_of_our_name(material: Material) -> bytes:
    return sealed_by(material.own_signature, material.unsealed)


@forgery
def sealed_by_an_authority_of_our_name(material: Material) -> bytes:
    return sealed_by(material.own_keys, material.unsealed)


@forgery
def altered_and_then_sealed_by_an_authority_of_our_name(material: Material) -> bytes:
    return sealed_by(material.own_keys, rewritten(material.unsealed, 4))


@forgery
def signed_once_more_by_a_stranger(material: Material) -> bytes:
    """An approval after ours, with the words hidden that forbid it: no honest program would add one."""
    hidden = material.genuine.replace(b"/Perms", b"/Prems").replace(b"/DocMDP", b"/DocNDP")
    file = SealFolder(material.own_signature.effective_seal_dir).signing
    signer = SimpleSigner.load(file, file)
    described = PdfSignatureMetadata(field_name="Second", md_algorithm="sha256")
    writer = IncrementalPdfFileWriter(io.BytesIO(hidden), strict=False)
    out: bytes = aside(lambda: sign_pdf(writer, described, signer).getvalue())
    return out


@forgery
def the_seal_of_another_certificate(material: Material) -> bytes:
    """The other's signature in the place of the own one: both are genuine, they do not belong together."""
    own, foreign = SIGNED.search(material.genuine), SIGNED.search(material.other)
    assert own is not None
    assert foreign is not None
    start, end = int(own[1]), int(own[2])
    taken = material.other[int(foreign[1]) : int(foreign[2])]
    assert len(taken) == end - start
    return material.genuine[:start] + taken + material.genuine[end:]


@forgery
def the_range_leaves_out_what_was_changed(material: Material) -> bytes:
    """The range is told to end before the change at the end of the file."""
    found = SIGNED.search(material.genuine)
    assert found is not None
    shorter = b"/ByteRange [0 %s %s %d]" % (found[1], found[2], int(found[3]) - 40)
    return material.genuine.replace(found[0], shorter.ljust(len(found[0])), 1)


@forgery
def the_range_begins_later(material: Material) -> bytes:
    found = SIGNED.search(material.genuine)
    assert found is not None
    return material.genuine.replace(found[0], found[0].replace(b"[0 ", b"[9 "), 1)


@forgery
def changes_permitted_after_all(material: Material) -> bytes:
    assert b"/P 1" in material.genuine
    return material.genuine.replace(b"/P 1", b"/P 3", 1)


@forgery
def a_bit_beside_the_signature(material: Material) -> bytes:
    """The zeros that fill the place of the signature are covered by nothing."""
    found = SIGNED.search(material.genuine)
    assert found is not None
    place = int(found[2]) - 3
    return material.genuine[:place] + b"1" + material.genuine[place + 1 :]


@forgery
def another_moment_of_signing(material: Material) -> bytes:
    earlier = material.genuine.replace(rb"/M (D\0722026", rb"/M (D\0722025", 1)
    assert earlier != material.genuine
    return earlier
