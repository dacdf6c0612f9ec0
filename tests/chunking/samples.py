"""Small files of each kind, made on the spot."""

import io
import zipfile

import docx
import openpyxl
import pptx

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


def _saved(document):
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def docx_file():
    document = docx.Document()
    document.add_heading("Handbook", 1)
    document.add_paragraph("Restart the broker first")
    document.add_heading("Leave", 2)
    document.add_paragraph("Annual leave is 25 days.")
    document.add_paragraph("ask your lead", style="List Bullet")
    table = document.add_table(2, 2)
    for place, text in enumerate(["Name", "Days", "Ada", "25"]):
        table.cell(place // 2, place % 2).text = text
    return _saved(document)


def pptx_file():
    deck = pptx.Presentation()
    for title, body in (("Plan", "First point\nSecond point"), ("Numbers", "Seven")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    deck.slides[0].notes_slide.notes_text_frame.text = "remember the joke"
    return _saved(deck)


def xlsx_file():
    book = openpyxl.Workbook()
    book.active.title = "Parts"
    for row in (["ID", "Name", "Qty"], ["007", "bolt", 3], ["012", "nut", None]):
        book.active.append(row)
    book.create_sheet("Notes").append(["alone"])
    return _saved(book)


def pdf_file(pages=("Hello PDF world.", "Second page here."), encrypted=False):
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R"
            f" /Resources << /Font << /F1 {font} >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    trailer = "/Root 1 0 R"
    if encrypted:
        mark = "00" * 32
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /O <{mark}> /U <{mark}> /P -4 >>")
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<00> <00>]"
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return out + (
        f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF".encode()
    )


def zip_bomb(kind="word", size=400_000_000):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(f"{kind}/document.xml", "w", force_zip64=True) as member:
            for _ in range(size // 10_000_000):
                member.write(bytes(10_000_000))
    return buffer.getvalue()


FILES = {
    DOCX: docx_file(),
    PPTX: pptx_file(),
    XLSX: xlsx_file(),
    PDF: pdf_file(),
    "text/html": b"<h1>Top</h1><p>Some text.</p><table><tr><td>a<td>b</table>",
    "text/markdown": b"# Top\n\nSome *text*.\n\n- item\n\n|a|b|\n|-|-|\n|1|2|\n",
    "text/csv": b"id,name\n007,bolt\n",
    "text/plain": b"Some text.\n\nMore text.",
    "application/json": b'{"a": [1, 2]}',
}
