"""What is read: containers, documents, chunks, and the changes that a source reports."""

from corpus.change import Change, Delete, Failed, Reacl, Upsert
from corpus.chunk import Chunk, chunk_id
from corpus.container import Container
from corpus.document import Content, Document
from corpus.page import Cursor, MembershipPage, Page, PermissionPage

__all__ = [
    "Change",
    "Chunk",
    "Container",
    "Content",
    "Cursor",
    "Delete",
    "Document",
    "Failed",
    "MembershipPage",
    "Page",
    "PermissionPage",
    "Reacl",
    "Upsert",
    "chunk_id",
]
