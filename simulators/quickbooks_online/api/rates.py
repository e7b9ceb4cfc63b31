"""GET /exchangerate: what one unit of a currency is worth at home."""

from __future__ import annotations

from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import Request
from simulators.quickbooks_online.refusal import Refusal, missing, refuse
from simulators.quickbooks_online.rows import stamped
from simulators.quickbooks_online.rules.currency import known_currencies, rate_between
from simulators.quickbooks_online.schema import Json


def answer(company: Company, request: Request) -> Json:
    code = request.query.get("sourcecurrencycode", "").upper()
    if not code:
        raise Refusal(missing("sourcecurrencycode"))
    now = company.clock.now()
    with company.store.reading() as rows:
        home, *others = known_currencies(rows)
    if code not in (home, *others):
        raise refuse("2220", f"Invalid Currency Type : {code}", "sourcecurrencycode")
    rate = {
        "SourceCurrencyCode": code,
        "TargetCurrencyCode": home,
        "Rate": rate_between(code, home),
        "AsOfDate": request.query.get("asofdate") or company.clock.today().isoformat(),
        "MetaData": stamped(now, now),
    }
    return {"ExchangeRate": rate}
