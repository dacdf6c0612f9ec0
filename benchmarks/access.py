"""Who may read what, resolved cold, warm and for the hits of one search.

The company has 20,000 scopes of two clauses each and 10,000 groups nested five deep; its asker
is in 500 of these and passes 5,000 scopes. The same asker is measured in smaller corpora, and
askers of less reach in the largest: cost follows reach.
"""

from __future__ import annotations

import json
import sys

from benchmarks.company import ASKER, NOW, Company, found
from benchmarks.databases import available, emptied
from benchmarks.timing import machine, milliseconds, p50, p95, processor_milliseconds
from catalog import people
from catalog.database import Catalog
from catalog.entitlements import resolve
from catalog.policy import AccessPolicy
from retrieval.gate import Gate

LARGE = Company(documents=1_000_000, scopes=20_000, groups=10_000)
COMPANIES = {
    "10k": Company(documents=10_000, scopes=6_000, groups=2_500),
    "100k": Company(documents=100_000, scopes=10_000, groups=5_000),
    "1M": LARGE,
}
REACHES = {
    "1M, 50 groups, 500 scopes": Company(1_000_000, 20_000, 10_000, 20_000, 50, 500),
    "1M, 5 groups, 50 scopes": Company(1_000_000, 20_000, 10_000, 20_000, 5, 50),
}
QUICK = {"100k": COMPANIES["100k"]}


def measure(catalog: Catalog, company: Company, times: int) -> dict[str, float]:
    """Times in milliseconds, in a catalog that holds `company`."""
    policy = AccessPolicy()
    hits = [1 + (7 + n * 6_007) % company.documents for n in range(50)]

    def cold() -> int:
        with catalog.reading() as connection:
            known = people.get(connection, ASKER)
            return len(resolve(connection, known, policy, NOW).scopes)

    assert cold() == company.allowed
    gate = Gate(catalog, policy, lambda: NOW)
    gate.entitlements(ASKER)
    server = []
    if catalog.engine.dialect.name == "postgresql":
        with catalog.reading() as connection:  # the pool gives this connection again and again
            server = [connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()]
    colds = milliseconds(cold, times)
    warms = milliseconds(lambda: gate.entitlements(ASKER), 10 * times)
    checks = milliseconds(lambda: gate.admit(ASKER, hits), 10 * times)
    return {
        "cold_p50_ms": p50(colds),
        "cold_p95_ms": p95(colds),
        "cold_cpu_ms": processor_milliseconds(cold, times, *server),
        "warm_p50_ms": p50(warms),
        "warm_p95_ms": p95(warms),
        "recheck_50_p50_ms": p50(checks),
        "recheck_50_p95_ms": p95(checks),
    }


def main() -> None:
    """Measure every company on every database."""
    quick = "--quick" in sys.argv
    figures: dict[str, object] = {"benchmark": "access", **machine()}
    for database in available():
        for name, company in (QUICK if quick else COMPANIES | REACHES).items():
            with emptied(database) as (catalog, _):
                found(catalog, company)
                told = measure(catalog, company, 20 if quick else 50)
            print(f"{database:10}  {name:26}  {told}", flush=True)
            figures[f"{database} {name}"] = told
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
