"""The Weaviate backend: server 1.39 or later, our own vectors and our own analyser.

Only this folder knows the client, and imports it when it is first needed.
"""

from index.weaviate.index import WeaviateIndex

__all__ = ["WeaviateIndex"]
