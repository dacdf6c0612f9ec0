"""The SharePoint connector over real HTTP."""
