"""Fills the database it is given: `python -m benchmarks.filling invoices|customers|... COUNT`.

`books` makes what all others start from: the tables, and a company with its connection.
"""

from __future__ import annotations

import json
import sys

import django


def main() -> None:
    django.setup()
    from benchmarks import seed
    from connectors.models import Connection

    what, count = sys.argv[1], int(sys.argv[2])
    if what == "books":
        seed.company_with_books()
    else:
        fill = {
            "invoices": seed.invoices,
            "customers": seed.customers,
            "strangers": seed.strangers,
        }
        fill[what](Connection.objects.get(), count)
    print(json.dumps({}))  # noqa: T201  (the starter reads it)


if __name__ == "__main__":
    main()
