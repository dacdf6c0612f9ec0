"""A body to blocks: sniffed, bounded, parsed."""

from __future__ import annotations

from chunking.blocks import Block, BlockKind, clean
from chunking.bundle import bundled, parts
from chunking.errors import ChunkingError, TooLarge, Unparsable
from chunking.sniff import Kind, NoText, Sniffed, sniff


def read_blocks(
    data: bytes, media_type: str, title: str, max_bytes: int
) -> tuple[list[Block] | NoText, tuple[str, ...]]:
    """The blocks of a body, or why it has no text; and what was odd about it.

    Raises:
        ChunkingError: The body is too large, damaged, or its parser failed; nothing else is
            raised, whatever a library does.
    """
    if len(data) > max_bytes:
        raise TooLarge("the body is larger than the limit", "raise the limit or split it")
    if bundled(media_type):
        return _all(data, max_bytes)
    try:
        sniffed = sniff(data, media_type, title)
    except ChunkingError:
        raise
    except Exception as error:
        raise Unparsable("the body could not be examined", "export it again") from error
    if isinstance(sniffed, NoText):
        return sniffed, ()
    try:
        blocks = _parse(data, sniffed)
    except ChunkingError:
        raise
    except Exception as error:
        raise Unparsable(
            f"the {sniffed.kind.value} body could not be parsed ({type(error).__name__})",
            "open it in its application and save it again",
        ) from error
    if not blocks:
        reason = "PDF without a text layer" if sniffed.kind is Kind.PDF else "empty"
        return NoText(reason), sniffed.notes
    return blocks, sniffed.notes


def _all(data: bytes, max_bytes: int) -> tuple[list[Block] | NoText, tuple[str, ...]]:
    """The blocks of a body that is several: each file's under its name.

    What is attached and can't be read is noted, and takes nothing else with it.
    """
    try:
        found = parts(data)
    except ChunkingError:
        raise
    except Exception as error:
        raise Unparsable("the body could not be taken apart", "sync it again") from error
    blocks: list[Block] = []
    notes: list[str] = []
    for each in found:
        if each.name:
            blocks.append(Block(BlockKind.HEADING, " ".join(clean(each.name).split()), 1))
        try:
            more, odd = read_blocks(each.data, each.media_type, each.name, max_bytes)
        except ChunkingError:
            if not each.name:
                raise
            notes.append("an attached file could not be parsed")
            continue
        notes += odd
        if not isinstance(more, NoText):
            blocks += more
    return blocks or NoText("empty"), tuple(dict.fromkeys(notes))


def _parse(data: bytes, sniffed: Sniffed) -> list[Block]:
    from chunking import markdown, partition, pdf, plain

    kind = sniffed.kind
    if kind is Kind.PDF:
        return pdf.pdf_blocks(data)
    if kind in (Kind.DOCX, Kind.PPTX, Kind.XLSX):
        return partition.office_blocks(data, kind)
    if kind is Kind.HTML:
        return partition.html_blocks(sniffed.text)
    readers = {
        Kind.MARKDOWN: markdown.markdown_blocks,
        Kind.CSV: plain.csv_blocks,
        Kind.CODE: plain.code_blocks,
        Kind.TEXT: plain.text_blocks,
    }
    return readers[kind](clean(sniffed.text))
