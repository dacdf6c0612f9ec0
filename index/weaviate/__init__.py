"""The Weaviate backend: server 1.39 or later, our own vectors and our own analyser.

Only this folder knows the client, which is an extra: `pip install bailiwick[weaviate]`.
"""

from index.weaviate.index import WeaviateIndex

__all__ = ["WeaviateIndex"]
