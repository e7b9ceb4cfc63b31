"""The company in a prepared Tryton: chart of accounts, fiscal years, taxes, terms, methods."""

from __future__ import annotations

from typing import Any

from syncapp.tryton_server.rpc import Client, date, decimal

COMPANY = "Harbor & Pine Trading"
CURRENCY = "USD"
# The years of the demo records, and those of the Northwind sample data.
YEARS = (1996, 1997, 1998, *range(2023, 2029))
COUNTRIES = {
    "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BR": "Brazil",
    "CA": "Canada", "CH": "Switzerland", "DE": "Germany", "DK": "Denmark", "ES": "Spain",
    "FI": "Finland", "FR": "France", "GB": "UK", "IE": "Ireland", "IT": "Italy", "JP": "Japan",
    "MX": "Mexico", "NL": "Netherlands", "NO": "Norway", "PL": "Poland", "PT": "Portugal",
    "SE": "Sweden", "SG": "Singapore", "US": "USA", "VE": "Venezuela",
}  # fmt: skip


def set_up(client: Client) -> None:
    """Everything that a person clicks through once in a new Tryton."""
    company = _company(client)
    client.context["company"] = company
    _chart(client, company)
    _fiscal_years(client, company)
    _taxes(client)
    _terms(client)
    _methods(client, company)
    client(
        "model.country.country.create",
        [{"name": name, "code": code} for code, name in sorted(COUNTRIES.items())],
    )
    client.create(
        "product.category",
        name="Goods",
        accounting=True,
        account_revenue=_account(client, "revenue", "Goods"),
        account_expense=_account(client, "expense", "Merchandise"),
    )
    # What is changed or voided here is cancelled there.
    client.write("company.company", [company], cancel_invoice_out=True)


def _company(client: Client) -> int:
    known = client.find("currency.currency", [["code", "=", CURRENCY]], "id")
    currency = (
        known[0]["id"]
        if known
        else client.create(
            "currency.currency", name="US Dollar", symbol="$", code=CURRENCY,
            rounding=decimal("0.01"), digits=2,
        )
    )  # fmt: skip
    party = client.create("party.party", name=COMPANY, addresses=[["create", [{}]]])
    company = client.create("company.company", party=party, currency=currency)
    client.write("res.user", [client.user_id], companies=[["add", [company]]], company=company)
    return company


def _chart(client: Client, company: int) -> None:
    """The chart that comes along, with the accounts that it names as defaults."""
    templates = client.find("account.account.template", [["parent", "=", None]], "name")
    universal = next((t for t in templates if "Universal" in t["name"]), templates[0])
    accounts: dict[str, Any] = {"company": company, "account_template": universal["id"]}
    session = client("wizard.account.create_chart.create")[0]
    run = "wizard.account.create_chart.execute"
    client(run, session, {}, "start")
    client(run, session, {"start": {}}, "account")
    forms: dict[str, Any] = {"start": {}, "account": accounts}
    client(run, session, forms, "create_account")
    defaults = {
        "company": company,
        "account_receivable": _account(client, "receivable", "Accounts Receivable"),
        "account_payable": _account(client, "payable", "Accounts Payable"),
    }
    for side, kind in (("revenue", "revenue"), ("expense", "expense")):
        defaults[f"category_account_{side}"] = _account(client, kind, "")
    client(run, session, {**forms, "properties": defaults}, "create_properties")
    client("wizard.account.create_chart.delete", session)


def _account(client: Client, kind: str, name: str) -> int:
    """An account that can be booked on, of a kind; by name if one fits."""
    rows = client.find(
        "account.account",
        [["type", "!=", None], ["closed", "!=", True], [f"type.{kind}", "=", True]],
        "name",
        "code",
    )
    fitting = [row for row in rows if name and row["name"].startswith(name)]
    found: int = (fitting or rows)[0]["id"]
    return found


def _fiscal_years(client: Client, company: int) -> None:
    """One per calendar year with monthly periods, and with sequences of its own: invoices are
    numbered without gaps, in the order of their dates."""
    invoice_type = client.id_of("ir.sequence.type", ["name", "=", "Invoice"])
    move_type = client.id_of("ir.sequence.type", ["name", "=", "Account Move"])
    fields = client("model.account.fiscalyear.fields_get")
    numbers_moves = "move_sequence" if "move_sequence" in fields else "post_move_sequence"  # 7.x
    made = []
    for year in YEARS:
        moves, sales, purchases = (
            client.create(
                fields[numbers_moves]["relation"] if kind == move_type else "ir.sequence.strict",
                name=f"{name} {year}",
                prefix=f"{prefix}{year}-",
                sequence_type=kind,
                company=company,
            )
            for name, prefix, kind in (
                ("Moves", "", move_type),
                ("Invoices", "", invoice_type),
                ("Supplier invoices", "S", invoice_type),
            )
        )
        sequences = {
            "company": company,
            "out_invoice_sequence": sales,
            "out_credit_note_sequence": sales,
            "in_invoice_sequence": purchases,
            "in_credit_note_sequence": purchases,
        }
        made.append(
            client.create(
                "account.fiscalyear",
                name=str(year),
                company=company,
                start_date=date(year, 1, 1),
                end_date=date(year, 12, 31),
                invoice_sequences=[["create", [sequences]]],
                **{numbers_moves: moves},
            )
        )
    for year in made:  # SQLite's parser gives up on the domains of more than one year at once.
        client.button("account.fiscalyear", "create_period", [year])


def _taxes(client: Client) -> None:
    accounts = client.find(
        "account.account", [["name", "like", "%Tax%"], ["type.statement", "=", "balance"]], "name"
    )
    named = [row for row in accounts if row["name"].startswith("Accrued Taxes")]
    account = (named or accounts)[0]["id"]
    group: dict[str, Any] = {"type": "percentage"}
    rates = (("State tax 8%", "0.08"), ("Local tax 2%", "0.02"))
    client(
        "model.account.tax.create",
        [
            {
                **group,
                "name": name,
                "description": name,
                "rate": decimal(rate),
                "invoice_account": account,
                "credit_note_account": account,
            }
            for name, rate in rates
        ],
    )


def _terms(client: Client) -> None:
    for name, days in (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60)):
        delta = {"days": days}
        line = {"type": "remainder", "relativedeltas": [["create", [delta]]]}
        client.create("account.invoice.payment_term", name=name, lines=[["create", [line]]])


def _methods(client: Client, company: int) -> None:
    """How money arrives: a journal and an account for each."""
    journal = client.id_of("account.journal", ["type", "=", "cash"])
    cash = _cash(client)
    for name in ("Check", "Cash", "Bank transfer", "Credit card"):
        client.create(
            "account.invoice.payment.method",
            name=name,
            company=company,
            journal=journal,
            debit_account=cash,
            credit_account=cash,
        )


def _cash(client: Client) -> int:
    """An account for money."""
    rows = client.find(
        "account.account",
        [["type.statement", "=", "balance"], ["type.receivable", "=", False],
         ["type.payable", "=", False], ["closed", "!=", True]],
        "name", "type.name",
    )  # fmt: skip
    for word in ("Bank", "Cash", "Main"):
        for row in rows:
            if word in row["name"]:
                found: int = row["id"]
                return found
    return int(rows[0]["id"])
