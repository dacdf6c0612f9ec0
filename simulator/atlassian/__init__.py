"""What Confluence and Jira share: accounts, flat groups, a query grammar and light markup.

No vendor: one Atlassian site hosts both products, Confluence under ``/wiki`` and Jira under
``/rest``, so a client is pointed at the simulator's own address as it is at
``https://saltmarsh.atlassian.net``.
"""
