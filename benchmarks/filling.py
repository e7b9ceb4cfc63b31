"""Fills the database it is given: `python -m benchmarks.filling invoices|customers|... COUNT`."""

from __future__ import annotations

import json
import sys

import django


def main() -> None:
    django.setup()
    from benchmarks import seed

    what, count = sys.argv[1], int(sys.argv[2])
    books = seed.company_with_books()
    fill = {
        "invoices": seed.invoices,
        "customers": seed.customers,
        "strangers": seed.strangers,
    }
    fill[what](books, count)
    print(json.dumps({}))  # noqa: T201  (the starter reads it)


if __name__ == "__main__":
    main()
