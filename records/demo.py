"""Believable records for the demo company: a maker of lamps and small furniture."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

from django.db import transaction

from companies.models import Company
from records.models import (
    Bill,
    BillLine,
    Customer,
    Invoice,
    InvoiceLine,
    Item,
    Payment,
    PaymentApplication,
    PaymentMethod,
    Status,
    Vendor,
    rounded,
)

# name, contact, e-mail, city, region, postal code
CUSTOMERS = """
Alder & Finch Interiors|Ruth Alder|ruth@alderfinch.example|Portland|OR|97205
Bayside Hotel Group|Marcus Oyelaran|purchasing@baysidehotels.example|San Diego|CA|92101
Blue Kettle Café|Ines Duarte|ines@bluekettle.example|Oakland|CA|94607
Brightwater Dental|Dr. Lena Hoff|office@brightwaterdental.example|Tacoma|WA|98402
Calloway Design Studio|Tom Calloway|tom@callowaydesign.example|Denver|CO|80202
Cedar Grove Library|Agnes Brandt|facilities@cedargrove.example|Boise|ID|83702
Copper Lane Bistro|Yusuf Demir|yusuf@copperlane.example|Sacramento|CA|95814
Dunmore Properties|Fiona Dunmore|accounts@dunmore.example|Seattle|WA|98101
East Pier Gallery|Naoko Ishida|naoko@eastpier.example|San Francisco|CA|94105
Fern Hollow School|Peter Lindqvist|office@fernhollow.example|Eugene|OR|97401
Garnet & Sons Builders|Joe Garnet|joe@garnetbuilders.example|Reno|NV|89501
Hillcrest Veterinary Clinic|Dr. Amara Nwosu|hello@hillcrestvet.example|Spokane|WA|99201
Iron Bridge Brewing|Kate Moran|kate@ironbridge.example|Bend|OR|97701
Juniper Yoga|Priya Raman|priya@juniperyoga.example|Boulder|CO|80302
Kestrel Architects|Owen Hughes|owen@kestrelarch.example|Salt Lake City|UT|84101
Lakeview Bed & Breakfast|Marie Thibault|stay@lakeviewbnb.example|Coeur d’Alene|ID|83814
Maple Street Books|Sam Whitfield|sam@maplestreetbooks.example|Missoula|MT|59801
Meridian Law Offices|Claudia Reyes|billing@meridianlaw.example|Phoenix|AZ|85004
Northgate Coworking|Ben Achterberg|ben@northgatework.example|Bellevue|WA|98004
Oakes Family Restaurant|Dorothy Oakes|dorothy@oakesfamily.example|Fresno|CA|93721
Olive & Thyme|Sofia Marchetti|sofia@olivethyme.example|San Jose|CA|95113
Paloma Theatre|Jorge Villanueva|jorge@palomatheatre.example|Tucson|AZ|85701
Quarry Hill Winery|Elise Fournier|elise@quarryhill.example|Napa|CA|94559
Redwood Credit Cooperative|Martin Kowalski|martin@redwoodcc.example|Eureka|CA|95501
Saltmarsh Inn|Hannah Pruitt|frontdesk@saltmarshinn.example|Astoria|OR|97103
Sterling Office Supply|Victor Chen|victor@sterlingoffice.example|Las Vegas|NV|89101
The Paper Crane|Mei Tanaka|mei@papercrane.example|Berkeley|CA|94704
Union Street Barbers|Andre Bishop|andre@unionbarbers.example|Olympia|WA|98501
Vista Ridge Church|Rev. Paul Sorensen|office@vistaridge.example|Provo|UT|84601
Wren Cottage Rentals|Gillian Wren|gillian@wrencottage.example|Monterey|CA|93940
"""
VENDORS = """
Cascade Hardwoods|Ray Stenberg|orders@cascadehardwoods.example|Salem|OR|97301
Fulton Glassworks|Irene Fulton|sales@fultonglass.example|Everett|WA|98201
Halvorsen Electric Parts|Nils Halvorsen|desk@halvorsenparts.example|Portland|OR|97209
Lindgren Textiles|Asa Lindgren|asa@lindgrentextiles.example|Los Angeles|CA|90021
Pacific Freight Lines|Dispatch|billing@pacificfreight.example|Oakland|CA|94621
Rivet & Brass Supply|Carl Dominguez|carl@rivetbrass.example|Stockton|CA|95202
Tidewater Packaging|Joan Ellis|joan@tidewaterpack.example|Vancouver|WA|98660
Wheeler Power & Water|Customer service|service@wheelerpower.example|Portland|OR|97204
"""
# SKU, name, kind, price, cost, vendor (by its place above, from 1)
ITEMS = """
L-100|Harbor desk lamp|inventory|89.00|38.50|3
L-110|Harbor floor lamp|inventory|164.00|71.20|3
L-120|Harbor wall lamp|inventory|74.50|31.75|3
L-200|Pine pendant, small|inventory|112.00|46.00|2
L-210|Pine pendant, large|inventory|178.00|79.90|2
L-300|Lantern, clear glass|inventory|58.25|22.40|2
L-310|Lantern, smoked glass|inventory|64.75|25.10|2
F-100|Oak side table|inventory|149.00|66.00|1
F-110|Oak bedside table|inventory|135.00|58.80|1
F-200|Walnut bench, 120 cm|inventory|329.00|148.50|1
F-210|Walnut bench, 160 cm|inventory|398.00|181.00|1
F-300|Folding stool|inventory|62.00|27.30|1
F-400|Wall shelf, 60 cm|inventory|54.00|21.90|1
F-410|Wall shelf, 90 cm|inventory|71.00|29.60|1
T-100|Linen lampshade, natural|non_inventory|38.50|14.20|4
T-110|Linen lampshade, indigo|non_inventory|41.00|15.60|4
T-200|Seat cushion, wool|non_inventory|46.75|18.90|4
P-100|Bulb E26, warm white|non_inventory|7.95|2.35|3
P-110|Bulb E12, warm white|non_inventory|6.49|1.98|3
P-200|Braided cord, per foot|non_inventory|1.125|0.38|3
P-300|Brass bracket|non_inventory|12.40|4.75|6
P-400|Ceiling canopy, brass|non_inventory|23.90|9.60|6
S-100|Installation, per hour|service|85.00||
S-200|Lighting consultation|service|140.00||
S-300|Delivery and unpacking|service|60.00||5
"""
METHODS = ("Check", "Visa", "Cash")
SEED = 20


@transaction.atomic
def create_demo_records(company: Company, *, today: datetime.date) -> None:
    """The same records each time, their dates in the three months before `today`."""
    chance = random.Random(SEED)
    customers = _parties(Customer, "C", CUSTOMERS, company)
    vendors = _parties(Vendor, "V", VENDORS, company)
    items = _items(company, vendors)
    invoices = _invoices(company, customers, items, today, chance)
    _payments(company, invoices, chance, today)
    _bills(company, vendors, items, today, chance)


def _parties(model: Any, prefix: str, text: str, company: Company) -> list[Any]:
    rows = [line.split("|") for line in text.strip().splitlines()]
    return list(
        model.objects.bulk_create(
            model(
                company=company,
                external_ref=f"{prefix}{n:03}",
                name=name,
                contact_name=contact,
                email=email,
                phone=f"({500 + 7 * n}) 555-01{n:02}",
                address_line1=f"{100 + 7 * n} Main Street",
                city=city,
                region=region,
                postal_code=postal_code,
                country="USA",
                currency=company.currency,
            )
            for n, (name, contact, email, city, region, postal_code) in enumerate(rows, start=1)
        )
    )


def _items(company: Company, vendors: list[Vendor]) -> list[Item]:
    rows = [line.split("|") for line in ITEMS.strip().splitlines()]
    return list(
        Item.objects.bulk_create(
            Item(
                company=company,
                external_ref=sku,
                sku=sku,
                name=name,
                kind=kind,
                unit_price=Decimal(price),
                unit_cost=Decimal(cost) if cost else None,
                preferred_vendor=vendors[int(vendor) - 1] if vendor else None,
            )
            for sku, name, kind, price, cost, vendor in rows
        )
    )


def _invoices(
    company: Company,
    customers: list[Customer],
    items: list[Item],
    today: datetime.date,
    chance: random.Random,
) -> list[Invoice]:
    """Sixty: most issued, the youngest still drafts, a few voided. Two customers are new."""
    invoices, lines = [], []
    for n in range(60):
        date = today - datetime.timedelta(days=90 - n * 3 // 2)
        status = Status.DRAFT if n >= 54 else Status.VOIDED if n in (17, 41) else Status.ISSUED
        invoice = Invoice(
            company=company,
            external_ref=str(2001 + n),
            number=str(2001 + n),
            customer=chance.choice(customers[:-2]),
            date=date,
            due_date=date + datetime.timedelta(days=30),
            currency=company.currency,
            status=Status.DRAFT,
            memo="Thank you for your order." if n % 4 == 0 else "",
        )
        lines += _lines(InvoiceLine, invoice, items, "unit_price", chance)
        invoices.append((invoice, status))
    _save([invoice for invoice, _ in invoices], InvoiceLine, lines)
    for status in (Status.ISSUED, Status.VOIDED):
        ids = [invoice.pk for invoice, wanted in invoices if wanted == status]
        Invoice.objects.filter(pk__in=ids).update(status=status)
    return [invoice for invoice, status in invoices if status == Status.ISSUED]


def _bills(
    company: Company,
    vendors: list[Vendor],
    items: list[Item],
    today: datetime.date,
    chance: random.Random,
) -> None:
    bills, lines = [], []
    suppliers = [vendors[n] for n in (0, 1, 2, 3, 5, 0)]
    for n, vendor in enumerate(suppliers):
        date = today - datetime.timedelta(days=70 - 11 * n)
        bill = Bill(
            company=company,
            external_ref=f"B{301 + n}",
            number=f"B{301 + n}",
            vendor=vendor,
            date=date,
            due_date=date + datetime.timedelta(days=14),
            currency=company.currency,
            status=Status.DRAFT,
        )
        supplied = [item for item in items if item.preferred_vendor_id == vendor.pk]
        lines += _lines(BillLine, bill, supplied, "unit_cost", chance)
        bills.append(bill)
    _save(bills, BillLine, lines)
    Bill.objects.filter(pk__in=[bill.pk for bill in bills[:5]]).update(status=Status.ISSUED)


def _lines(
    model: Any, document: Any, items: list[Item], price: str, chance: random.Random
) -> list[Any]:
    """One to four lines, each with another item; the document's total is their sum."""
    lines = []
    chosen = chance.sample(items, k=min(len(items), chance.randint(1, 4)))
    for position, item in enumerate(chosen, start=1):
        quantity, unit_price = Decimal(chance.randint(1, 12)), getattr(item, price)
        line = model(
            company=document.company,
            position=position,
            item=item,
            description=item.name,
            quantity=quantity,
            unit_price=unit_price,
            amount=rounded(quantity * unit_price, document.currency),
            **{model.document_field: document},
        )
        document.total += line.amount
        lines.append(line)
    return lines


def _save(documents: list[Any], line_model: Any, lines: list[Any]) -> None:
    type(documents[0]).objects.bulk_create(documents)
    for line in lines:
        setattr(line, f"{line_model.document_field}_id", line.document.pk)
    line_model.objects.bulk_create(lines)


def _payments(
    company: Company, invoices: list[Invoice], chance: random.Random, today: datetime.date
) -> None:
    """Twenty, for the oldest invoices: every sixth pays half, the last is still a draft."""
    methods = PaymentMethod.objects.bulk_create(
        PaymentMethod(company=company, name=name) for name in METHODS
    )
    payments, applications = [], []
    for n, invoice in enumerate(invoices[:20]):
        part = invoice.total / 2 if n % 6 == 5 else invoice.total
        amount = rounded(part, company.currency)
        payment = Payment(
            company=company,
            external_ref=f"R{501 + n}",
            reference=f"R{501 + n}",
            customer_id=invoice.customer_id,
            date=min(today, invoice.date + datetime.timedelta(days=chance.randint(5, 35))),
            currency=company.currency,
            amount=amount,
            method=chance.choice(methods),
            status=Status.DRAFT,
        )
        payments.append(payment)
        applications.append((payment, invoice, amount))
    Payment.objects.bulk_create(payments)
    PaymentApplication.objects.bulk_create(
        PaymentApplication(company=company, payment=payment, invoice=invoice, amount=amount)
        for payment, invoice, amount in applications
    )
    ids = [payment.pk for payment in payments[:-1]]
    Payment.objects.filter(pk__in=ids).update(status=Status.ISSUED)
