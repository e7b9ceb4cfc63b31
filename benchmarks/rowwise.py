"""The import that most teams write: each object is looked up, changed and saved by the ORM."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import django
import urllib3

from benchmarks.measure import measured


def _pages(count: int) -> Iterator[list[dict[str, Any]]]:
    http = urllib3.PoolManager()
    url = os.environ["QUICKBOOKS_ONLINE_API_URL"] + "/v3/company/1/query"
    for start in range(1, count + 1, 1000):
        most = min(1000, count + 1 - start)
        ask = f"SELECT * FROM Customer STARTPOSITION {start} MAXRESULTS {most}"
        yield http.request("POST", url, body=ask).json()["QueryResponse"]["Customer"]


def main() -> None:
    django.setup()
    from connectors.models import Connection, Link
    from records.models import Customer

    count = int(sys.argv[1])
    books = Connection.objects.get()
    with measured(count):
        for page in _pages(count):
            for row in page:
                link = Link.objects.get(
                    connection=books, record_type="customer", external_id=row["Id"]
                )
                customer = Customer.objects.get(pk=link.record_id)
                customer.name = row["DisplayName"]
                customer.email = row["PrimaryEmailAddr"]["Address"]
                customer.phone = row["PrimaryPhone"]["FreeFormNumber"]
                customer.address_line1 = row["BillAddr"]["Line1"]
                customer.save()
                link.version = row["SyncToken"]
                link.save(update_fields=["version", "synced_at"])
    assert Customer.objects.exclude(phone="").count() == count


if __name__ == "__main__":
    main()
