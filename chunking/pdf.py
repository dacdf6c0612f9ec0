"""The text layer of a PDF to blocks, through pypdfium2.

unstructured's own PDF path imports torch even for text layers.
"""

from __future__ import annotations

import re
import threading

from chunking.blocks import Block, BlockKind, clean
from chunking.errors import Encrypted, TooLarge, Unparsable

MAX_PAGES = 5_000
_LOCK = threading.Lock()  # PDFium must not be entered by two threads at once
_SOFT_HYPHEN = re.compile("[\ufffe\u00ad\x02][\r\n]+")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n+")


def pdf_blocks(data: bytes) -> list[Block]:
    """Paragraphs with their pages; empty when no page has a text layer.

    Raises:
        Encrypted: A password is needed.
        TooLarge: It has more than `MAX_PAGES` pages.
        Unparsable: It is damaged.
    """
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower() or "security" in str(error).lower():
                raise Encrypted("the PDF is encrypted", "remove its password") from error
            raise Unparsable("the PDF is damaged", "export it again") from error
        try:
            if len(document) > MAX_PAGES:
                raise TooLarge(f"the PDF has more than {MAX_PAGES:,} pages", "split it")
            return [b for i in range(len(document)) for b in _page(document, i)]
        except pypdfium2.PdfiumError as error:
            raise Unparsable("the PDF is damaged", "export it again") from error
        finally:
            document.close()


def _page(document: object, index: int) -> list[Block]:
    page = document[index]  # type: ignore[index]
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_bounded()
    finally:
        textpage.close()
        page.close()
    text = clean(_SOFT_HYPHEN.sub("", text))
    return [
        Block(BlockKind.TEXT, " ".join(part.split()), page=index + 1)
        for part in _PARAGRAPH.split(text)
        if part.strip()
    ]
