"""The same files into the same Weaviate: Bailiwick beside what one would pick instead.

    python -m benchmarks.peers [--quick] [--files N] [--install]

The peers are LlamaIndex's ingestion pipeline and unstructured-ingest, each in an environment of
its own under ``.tools/peers``. ``--install`` makes these from a package index, once; a peer that
is not there is left out and named. Every contestant runs in a process of its own, reads the same
Markdown, HTML and text files, cuts them to chunks of about the same length, and writes to a new
server. Runs come in pairs, the first with vectors that cost nothing, the
second with the bundled model in all of them. Imports, the model's loading and the server's start
are not counted. Bailiwick also keeps who may read each document, every body and every vector;
the peers keep nothing but the index.

The last line is one line of JSON.
"""
