"""What files say, and that a hostile one harms nobody: every file here is made by the test that reads it."""

import io
import os
import struct
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.simulation.files import docx, pdf, xlsx
from shared.errors import Unavailable
from tests.unit.worker.compound import compound, word_document, workbook
from worker.attachments import Extract, extract
from worker.attachments.child import answer
from worker.attachments.extract import Bounds
from worker.attachments.kinds import container_of
from worker.attachments.pdf import paragraphs
from worker.attachments.reasons import BROKEN, CRASHED, EMPTY, ENCRYPTED, SCANNED, TOO_LARGE, TOO_SLOW, UNSUPPORTED

LINES = ["关于云岭镇整改情况的通报", "一、整改落实情况", "1.关于“学习不深入”的问题。"]
ROWS = [["序号", "问题"], ["1", "学习不深入"]]
QUICK = Bounds(memory_bytes=512 * 1024 * 1024, cpu_seconds=1, total_seconds=20.0, characters=1000)
SPENT = (TOO_LARGE, TOO_SLOW, CRASHED, BROKEN)


def read(content: bytes, most_characters: int = 10_000) -> dict[str, str]:
    """Read in this process, for files that are no danger: a child costs half a second."""
    return answer(content, most_characters)


def test_every_kind_of_file_is_read_by_its_content_alone() -> None:
    table = "序号\t问题\n1\t学习不深入"
    assert read(pdf(LINES)) == {"kind": "pdf", "text": "\n".join(LINES)}
    assert read(docx(LINES, ROWS)) == {"kind": "docx", "text": "\n".join([*LINES, table])}
    assert read(xlsx(ROWS)) == {"kind": "xlsx", "text": table}
    assert read(word_document("\r".join(LINES) + "\r序号\x07问题\x07\x07")) == {
        "kind": "doc",
        "text": "\n".join([*LINES, "序号\t问题\n"]),
    }
    assert read(workbook(ROWS)) == {"kind": "xls", "text": table}
    assert read("附件正文".encode("gb18030")) == {"kind": "text", "text": "附件正文"}


def test_a_long_pdf_is_read_page_by_page() -> None:
    lines = [f"{number}.第{number}项整改任务" for number in range(1, 101)]
    assert read(pdf(lines))["text"].splitlines() == lines


def test_fields_objects_and_8_bit_pieces_of_an_old_word_file_are_read_as_they_show() -> None:
    text = 'Annex \x13 HYPERLINK "http://gov.example/" \x14link\x15\x01 – end\r'
    assert read(word_document(text, compressed=True))["text"] == "Annex link – end\n"


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"%PDF-1.7\nno more", "pdf", BROKEN),
        (b"PK\x03\x04 no more", "zip", BROKEN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no more", "ole", BROKEN),
        (docx([]), "docx", EMPTY),
        (xlsx([]), "xlsx", EMPTY),
        (pdf([]), "pdf", EMPTY),
        (word_document(""), "doc", EMPTY),
        (word_document("密", flags=0x0100), "doc", ENCRYPTED),
        (word_document("旧", magic=0xA5DC), "doc", UNSUPPORTED),
        (compound({"EncryptedPackage": b"x" * 5000}), "ole", ENCRYPTED),
        (compound({"PowerPoint Document": b"x" * 5000}), "ppt", UNSUPPORTED),
        (b"Rar!\x1a\x07\x00 ...", "rar", UNSUPPORTED),
        (b"\x89PNG\r\n\x1a\n", "image", UNSUPPORTED),
        (b"<html><body>log in</body></html>", "markup", UNSUPPORTED),
        (b"\x00\x01\x02\x03" * 100, "unknown", UNSUPPORTED),
        (b"", "text", EMPTY),
    ],
)
def test_a_file_without_a_text_says_why(content: bytes, kind: str, reason: str) -> None:
    assert read(content) == {"kind": kind, "reason": reason}


def scanned() -> bytes:
    """Return a PDF whose one page is a picture."""
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Length 1 >>\nstream\n\xff\nendstream"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /P 5 0 R >> >> >>",
        b"<< /Length 5 >>\nstream\n/P Do\nendstream",
        picture,
    ]
    return (
        b"%PDF-1.4\n"
        + b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, 1))
        + b"trailer << /Root 1 0 R >>"
    )


def test_a_pdf_of_pictures_is_scanned_and_no_error() -> None:
    assert read(scanned()) == {"kind": "pdf", "reason": SCANNED}


def test_an_encrypted_pdf_is_said_to_be_so() -> None:
    locked = pdf(LINES).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -1 /O <%s> /U <%s> >>"
        % (b"00" * 32, b"11" * 32),
    )
    assert read(locked) == {"kind": "pdf", "reason": ENCRYPTED}


def test_printed_lines_become_the_paragraphs_that_they_were() -> None:
    long = "整改工作领导小组多次召开会议研究部署并逐项明确责任单位和完成时限"
    page = "\r\n".join([long, long, "已经完成。", "（二）作风方面", long + "。", "2.关于纪律的问题。", "- 1 -"])
    assert paragraphs([page, "最后一段。"]) == [
        long + long + "已经完成。",
        "（二）作风方面",
        long + "。",
        "2.关于纪律的问题。",
        "最后一段。",
    ]


def test_the_child_reads_what_this_process_would() -> None:
    assert extract(pdf(LINES)) == Extract("pdf", "\n".join(LINES))
    assert extract(b"%PDF-1.7\nno more") == Extract("pdf", None, BROKEN)


def test_a_long_text_is_cut_and_holds_nothing_that_a_database_refuses() -> None:
    told = read(docx(["甲" * 5000, "乙" * 5000]), most_characters=5001)
    assert told["text"] == "甲" * 5000 + "\n"
    assert read(word_document("甲\ud800乙\x00\r".encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")))


def bomb(megabytes: int, main: str = "word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(main, "w", force_zip64=True) as entry:
            for _ in range(megabytes):
                entry.write(b" " * 1024 * 1024)
    return out.getvalue()


def test_a_zip_bomb_is_too_large_and_nothing_of_it_is_unpacked() -> None:
    assert read(bomb(64)) == {"kind": "zip", "reason": TOO_LARGE}


def test_a_zip_that_lies_about_its_size_yields_no_more_than_it_says() -> None:
    content = bytearray(bomb(64))
    for at in (content.rfind(b"PK\x01\x02"), content.rfind(b"PK\x03\x04")):
        struct.pack_into("<I", content, at + (24 if content[at + 2] == 1 else 22), 1000)
    assert read(bytes(content))["reason"] in (BROKEN, TOO_LARGE)


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    document = f'<!DOCTYPE w [<!ENTITY l0 "哈">{entities}]><w:document xmlns:w="x"><w:body>&l9;</w:body></w:document>'
    return replaced(docx(LINES), "word/document.xml", document)


def replaced(archive: bytes, name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, text if entry == name else old.read(entry))
    return out.getvalue()


def deep_xml() -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    nested = "<w:p>" * 200_000 + "</w:p>" * 200_000
    return replaced(
        docx(LINES), "word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{nested}</w:body></w:document>'
    )


def wide_sheet() -> bytes:
    """A sheet whose only two cells are its first and its last: as a grid, seventeen thousand million cells."""
    corner = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{space}"><sheetData>{corner}</sheetData></worksheet>'
    return replaced(xlsx(ROWS), "xl/worksheets/sheet1.xml", sheet)


def looping_pdf() -> bytes:
    """Pages that are their own parents."""
    return pdf(LINES).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]")


def endless_pdf() -> bytes:
    """A page that draws the same form a hundred million times, eight deep."""
    calls = b"/F Do " * 100
    form = (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F %d 0 R >> >>"
        b" /Length %d >>\nstream\n%s\nendstream"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(calls), calls),
        *(form % (number + 1, len(calls), calls) for number in range(5, 13)),
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream",
    ]
    return (
        b"%PDF-1.4\n"
        + b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, 1))
        + b"trailer << /Root 1 0 R >>"
    )


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "content",
    [billion_laughs(), deep_xml(), wide_sheet(), looping_pdf(), endless_pdf(), bomb(255)],
    ids=["billion laughs", "deep xml", "wide sheet", "looping pdf", "endless pdf", "bomb"],
)
def test_a_hostile_file_ends_within_its_bounds_and_says_why(content: bytes) -> None:
    began = time.process_time()
    told = extract(content, QUICK)
    assert told.text is None or len(told.text) <= QUICK.characters
    assert told.reason in (*SPENT, EMPTY, None)
    assert time.process_time() - began < 5  # in this process nothing is done but waiting


def test_a_reader_that_is_killed_or_goes_on_for_ever_is_a_reason_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "pypdfium2"
    package.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    for body, reason in [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", CRASHED),
        ("while True: pass", TOO_SLOW),
        ("a = bytearray(2 ** 40)", TOO_LARGE),
        ("open('/dev/fd/1', 'wb').write(b'x' * 10 ** 8)", (CRASHED, TOO_LARGE, BROKEN)),
    ]:
        (package / "__init__.py").write_text(body)
        told = extract(b"%PDF-1.7", Bounds(cpu_seconds=1, total_seconds=30.0, characters=100))
        assert told.text is None
        assert told.reason in reason if isinstance(reason, tuple) else told.reason == reason, body


def test_a_reader_that_only_waits_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "pypdfium2"
    package.mkdir()
    (package / "__init__.py").write_text("import time; time.sleep(60)")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert extract(b"%PDF-1.7", Bounds(total_seconds=1.5)) == Extract("pdf", None, TOO_SLOW)


def test_a_reader_gets_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "pypdfium2"
    package.mkdir()
    (package / "__init__.py").write_text(
        f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(repr(dict(os.environ)))"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("NOTICEWIRE_SECRET_KEY", "not to be seen")
    with pytest.raises(Unavailable, match="not installed"):
        extract(b"%PDF-1.7", Bounds())
    assert "not to be seen" in os.environ.values()
    assert "not to be seen" not in (tmp_path / "seen").read_text()


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"]),
)
def test_whatever_the_bytes_are_there_is_an_answer(content: bytes, start: bytes) -> None:
    told = read(start + content)
    assert told["kind"]
    assert ("text" in told) != ("reason" in told)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([docx(LINES, ROWS), xlsx(ROWS), word_document("\r".join(LINES)), workbook(ROWS)]), st.data())
def test_a_torn_file_is_read_or_says_that_it_is_broken(content: bytes, data: st.DataObject) -> None:
    torn = bytearray(content)
    for _ in range(data.draw(st.integers(1, 5))):
        torn[data.draw(st.integers(0, len(torn) - 1))] = data.draw(st.integers(0, 255))
    told = read(bytes(torn[: data.draw(st.integers(0, len(torn)))]))
    assert ("text" in told) != ("reason" in told)
    assert container_of(b"") == "text"
