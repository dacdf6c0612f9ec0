"""Google Drive: files of shared drives and My Drives, through google-api-python-client.

`connector` is the entry; nothing of the SDK is imported before it is opened.
"""
