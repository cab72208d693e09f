"""Attached files, written byte by byte from lines of text: a PDF, a DOCX, an XLSX; the smallest that any reader takes.

The PDF names a Chinese font that every reader has to know (Adobe-GB1, with the characters spelt in UCS-2), so that no
font need be carried along (ISO 32000-1, 9.7.5.2).
"""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_ON_A_PAGE = 40
_THEN = (1980, 1, 1, 0, 0, 0)  # the same lines give the same bytes
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = "application/vnd.openxmlformats-officedocument"


def pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF of A4 pages with `lines`, forty a page."""
    pages = [lines[start : start + _ON_A_PAGE] for start in range(0, len(lines), _ON_A_PAGE)] or [()]
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    for number, page in enumerate(pages):
        contents = f"/Contents {7 + 2 * number} 0 R /Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {contents} >>".encode())
        drawn = b"BT /F1 12 Tf 18 TL 50 790 Td " + b" ".join(map(_drawn, page)) + b" ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
    return _numbered(objects)


def _drawn(line: str) -> bytes:
    return b"<%s> Tj T*" % line.encode("utf-16-be").hex().encode()


def _numbered(objects: Sequence[bytes]) -> bytes:
    """Return a PDF file of these objects, the first its catalogue, with the table of where each begins."""
    out, starts = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, each in enumerate(objects, start=1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return bytes(out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer)


def docx(lines: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> bytes:
    """Return a DOCX with a paragraph for each of `lines`, and a table of `rows` behind them."""
    body = "".join(map(_paragraph, lines))
    if rows:
        body += "<w:tbl><w:tblPr/><w:tblGrid>" + "<w:gridCol/>" * len(rows[0]) + "</w:tblGrid>"
        for row in rows:
            body += "<w:tr>" + "".join(f"<w:tc>{_paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>"
        body += "</w:tbl>"
    document = f'{_HEAD}<w:document xmlns:w="{_WORD}"><w:body>{body}<w:sectPr/></w:body></w:document>'
    return _package(
        "word/document.xml", f"{_PARTS}.wordprocessingml.document.main+xml", {"word/document.xml": document}
    )


def _paragraph(line: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'


def xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """Return an XLSX with one sheet of `rows`."""
    cells = "".join("<row>" + "".join(map(_cell, row)) + "</row>" for row in rows)
    sheet = f'{_HEAD}<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData></worksheet>'
    book = f'{_HEAD}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="1" sheetId="1" r:id="rId1"/>'
    parts = {
        "xl/workbook.xml": f"{book}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": sheet,
    }
    return _package("xl/workbook.xml", f"{_PARTS}.spreadsheetml.sheet.main+xml", parts)


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _relations(kind: str, target: str) -> str:
    relation = f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'{_HEAD}<Relationships xmlns="{_RELATIONS}">{relation}</Relationships>'


def _package(main: str, kind: str, parts: dict[str, str]) -> bytes:
    """Return the ZIP that ties the parts together (ECMA-376, part 2)."""
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    override = f'<Override PartName="/{main}" ContentType="{kind}"/>'
    types = f'{_HEAD}<Types xmlns="{_TYPES}">{defaults}{override}</Types>'
    every = {"[Content_Types].xml": types, "_rels/.rels": _relations("officeDocument", main)} | parts
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in every.items():
            archive.writestr(zipfile.ZipInfo(name, _THEN), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()
