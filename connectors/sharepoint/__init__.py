"""SharePoint: library files, site pages and list items, through msgraph-sdk and SharePoint's REST.

`connector` is the entry; nothing of the SDK is imported before it is opened.
"""
