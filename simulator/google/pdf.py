"""A small PDF with real text in it: Helvetica, A4, one column."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

_LINES, _WIDTH = 54, 92


def pdf(lines: Sequence[str]) -> bytes:
    """A document of these lines, wrapped and broken into pages (PDF 1.4, ISO 32000-1)."""
    wrapped = [part for line in lines for part in textwrap.wrap(line, _WIDTH) or [""]]
    pages = [wrapped[at : at + _LINES] for at in range(0, len(wrapped), _LINES)] or [[""]]
    count = len(pages)
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(count))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for position, page in enumerate(pages):
        stream = b"BT /F1 11 Tf 14 TL 56 785 Td\n"
        stream += b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in page) + b"ET"
        bodies.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            b"<< /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * position)
        )
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    )


def _escaped(line: str) -> bytes:
    line = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return line.encode("cp1252", "replace")
