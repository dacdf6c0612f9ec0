"""Google Drive: files of shared drives and My Drives, through google-api-python-client.

`connector` is the entry; nothing of the SDK is imported before it is opened.
"""

import warnings

# google.api_core warns about the age of grpcio, which weaviate-client holds back and which the
# Drive client never uses: a line on every command's stderr that no operator can act on.
warnings.filterwarnings("ignore", r"Package google\.api_core depends on grpcio", FutureWarning)
