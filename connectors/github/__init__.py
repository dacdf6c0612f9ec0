"""GitHub: documentation, issues and pull requests of an organisation, through PyGithub.

`connector` is the entry; nothing of the SDK is imported before it is opened.
"""
