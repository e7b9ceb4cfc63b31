"""What most teams write: one Celery task per record, and in it one request.

The task is as good as these usually are: few queries, a kept-alive connection, a log row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import django
import urllib3

django.setup()

from benchmarks.measure import measured  # noqa: E402  (Django first)
from connectors.models import Connection, Link  # noqa: E402
from jobs.models import Exchange, SyncJob  # noqa: E402
from records.models import Invoice, InvoiceLine  # noqa: E402
from syncapp.celery import app  # noqa: E402

HTTP = urllib3.PoolManager()
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer t"}


@app.task(name="naive.export")
def export(invoice_id: int) -> None:
    invoice = Invoice.objects.select_related("company", "customer").get(pk=invoice_id)
    books = Connection.objects.get(company_id=invoice.company_id)
    lines = list(InvoiceLine.objects.filter(invoice=invoice).order_by("position"))
    if Link.objects.filter(connection=books, record_type="invoice", record_id=invoice_id).exists():
        return
    url = os.environ["QUICKBOOKS_ONLINE_API_URL"] + "/v3/company/1/invoice"
    answer = HTTP.request(
        "POST", url, body=json.dumps(_body(books, invoice, lines)), headers=HEADERS
    )
    there = answer.json()["Invoice"]
    Link.objects.create(
        connection=books,
        company_id=invoice.company_id,
        record_type="invoice",
        record_id=invoice_id,
        external_id=there["Id"],
        version=there["SyncToken"],
    )
    Exchange.objects.create(
        job=SyncJob.objects.get(),
        connection=books,
        company_id=invoice.company_id,
        method="POST",
        url=url,
        status=answer.status,
    )


def _body(books: Connection, invoice: Invoice, lines: list[InvoiceLine]) -> dict[str, Any]:
    items = dict(
        Link.objects.filter(
            connection=books, record_type="item", record_id__in=[line.item_id for line in lines]
        ).values_list("record_id", "external_id")
    )
    customer = Link.objects.get(
        connection=books, record_type="customer", record_id=invoice.customer_id
    )
    return {
        "DocNumber": invoice.number,
        "TxnDate": invoice.date.isoformat(),
        "CustomerRef": {"value": customer.external_id},
        "PrivateNote": invoice.memo,
        "Line": [
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": float(line.amount),
                "Description": line.description,
                "SalesItemLineDetail": {
                    "ItemRef": {"value": items[line.item_id]},
                    "Qty": float(line.quantity),
                    "UnitPrice": float(line.unit_price),
                },
            }
            for line in lines
        ],
    }


def main() -> None:
    """Queues all tasks, then starts the one worker process and waits for it to have done them."""
    count = int(sys.argv[1])
    books = Connection.objects.get()
    SyncJob.objects.create(connection=books, company_id=books.company_id)
    app.control.purge()
    ids = list(Invoice.objects.order_by("pk").values_list("pk", flat=True)[:count])
    worker = _worker()
    try:
        export.delay(ids[0])
        _until(1)
        with measured(count - 1):
            for invoice_id in ids[1:]:
                export.delay(invoice_id)
            _until(count)
    finally:
        worker.terminate()
        worker.wait(20)


def _worker() -> subprocess.Popen[bytes]:
    command = ["celery", "-A", "benchmarks.naive", "worker", "--concurrency", "1", "-l", "ERROR"]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *command],
        cwd=Path(__file__).resolve().parent.parent,
        stdout=subprocess.DEVNULL,
    )


def _until(count: int) -> None:
    while Link.objects.filter(record_type="invoice").count() < count:
        time.sleep(0.05)


if __name__ == "__main__":
    main()
