"""Five vendors' APIs over loopback HTTP: one company, a permission oracle and a bad day.

This package imports nothing of the rest of the repository, and nothing of the rest imports
it: it is the other side of the wire, and its oracle must not share our mistakes.

The core
    ``clock``      virtual time; ``people`` and ``directory``: who works here, in which groups
    ``verbs``      the ``@verb`` decorator and `VendorState`; ``world``: everything together
    ``wire``       `Call`, `Reply`, `Api`: how a vendor answers HTTP; ``paging``: cutting lists
    ``faults``     the bad day; ``oracle``: `Rules`, and who may read what; ``vendor``: `Vendor`
    ``server``     the ASGI application; ``embedded``: `serve(world)` for tests
    ``company``    the fixed cast; ``scale``: a million documents without their text

How a vendor plugs in
    Make a package ``simulator/<vendor>`` named as in `simulator.vendor.NAMES` (google,
    sharepoint, confluence, jira, github) whose ``__init__`` holds ``VENDOR = Vendor(...)``. It
    is found by name, so no shared file needs an edit. ``simulator/google`` is the model.

    ``state.py``: a `VendorState` subclass, the vendor's objects, in plain dictionaries. What
        changes them is a method marked ``@verb``, with keyword arguments that are JSON values.
        A verb is the only thing that may change state, API writes included: verbs are logged,
        and a saved world is its seed plus that log, replayed. Inside a verb use
        ``self.world.rng`` / ``self.world.new_id()`` (seeded afresh for every verb) and
        ``self.world.now()``; validate first and raise `VerbError` before touching anything.
        Each verb appends to the vendor's own change log. Override ``directory_changed`` to
        hear of people and groups changing.
    ``routes_*.py``: ``api = Api("google", "/google", error=...)`` and handlers
        ``@api.get("/drive/v3/files/{file_id}", "files.get")`` taking a `Call` and returning a
        `Reply`. They are plain functions, run one at a time under the world's lock. The second
        argument is the endpoint's name, which faults match on. A vendor may have several Apis.
    ``view.py``: what the caller's token sees. It must not import the vendor's ``oracle``, and
        the oracle must not import it: they are two readings of the same rules, and a test
        compares them for every person and document. Even expanding groups is written twice:
        `simulator.oracle.groups_holding` is for oracles only.
    ``oracle.py``: ``documents(world)`` and ``readable(world, person, document_id)``, made of
        small functions in `Rules` books, each citing a vendor page or ``sources.md``. List the
        books in `Vendor.rules`: the mutation test removes every rule in turn.
    ``company.py``: ``build(world)``, this vendor's part of the fixed company, by verbs alone.

Who calls
    ``person-<id>`` is the token of a person at every vendor; ``service-<vendor>`` sees all of
    that vendor, as its administrator or app-only credential does. Bearer, ``token`` and Basic
    (the password is the token) are understood. ``world.mint`` makes others. A deactivated or
    deleted person's token answers 401. Two accounts of one human are two `Person` records,
    the second with ``same_as``; what they read is asked for each account.

Faults
    The core applies those that any HTTP API has (429, 5xx, resets, truncation, slowness, 401,
    403, skew) and `paging.cut` those that any listing has. Those that only some vendor has are
    the handler's: ``if call.fault(FaultKind.INCOMPLETE_SEARCH): ...``. `Call.search_lag` tells
    how many seconds after a write a search must not yet find it.
"""
