"""POST /taxservice/taxcode: the one way to make a tax code, with rates old or new."""

from __future__ import annotations

from simulators.quickbooks_online.cleaning import cleaned
from simulators.quickbooks_online.entities import ENTITIES
from simulators.quickbooks_online.refusal import Problem, Refusal, missing, refuse
from simulators.quickbooks_online.rows import Rows, Stored
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    Json,
    blocks,
    choice,
    computed,
    number,
    text,
)
from simulators.quickbooks_online.seed_taxes import code_body, rate_body, rate_list
from simulators.quickbooks_online.writing import Change, save

RATE = Fields(
    text("TaxRateName", 100),
    text("TaxRateId", 30),
    number("RateValue", places=7),
    text("TaxAgencyId", 30),
    choice("TaxApplicableOn", "Sales", "Purchase"),
)
FIELDS = Fields(text("TaxCode", 100), blocks("TaxRateDetails", RATE), *computed("TaxCodeId", "Id"))
LISTS = {"Sales": "SalesTaxRateList", "Purchase": "PurchaseTaxRateList"}


def make(rows: Rows, sent: Json, request_id: str) -> Json:
    """The code and its rates; the answer is what was sent, with ids."""
    problems: list[Problem] = []
    asked = cleaned(FIELDS, sent, problems)
    problems += [missing(name) for name in ("TaxCode", "TaxRateDetails") if not asked.get(name)]
    if problems:
        raise Refusal(*problems)
    change = Change(rows, request_id=request_id, may_write_anything=True)
    _refuse_taken(rows, ENTITIES["TaxCode"], asked["TaxCode"])
    rates = [(each, _rate(change, each)) for each in asked["TaxRateDetails"]]
    body = code_body(asked["TaxCode"])
    for side, name in LISTS.items():
        chosen = [rate for each, rate in rates if each.get("TaxApplicableOn", "Sales") == side]
        body[name] = rate_list([(rate.id, rate.name) for rate in chosen])
    code = save(change, ENTITIES["TaxCode"], body)
    answered = [{**each, "TaxRateId": rate.id} for each, rate in rates]
    return {"TaxCode": code.name, "TaxCodeId": code.id, "TaxRateDetails": answered}


def _rate(change: Change, asked: Json) -> Stored:
    """The rate with the id, or a new one."""
    id_ = asked.get("TaxRateId")
    if id_:
        found = change.rows.find("TaxRate", id_)
        if found is None:
            raise refuse("2500", f"Invalid Reference Id : TaxRates element id {id_} not found")
        return found
    absent = [each for each in ("TaxRateName", "RateValue", "TaxAgencyId") if not asked.get(each)]
    if absent:
        raise Refusal(*map(missing, absent))
    if change.rows.glance("TaxAgency", asked["TaxAgencyId"]) is None:
        detail = f"Invalid Reference Id : TaxAgencies element id {asked['TaxAgencyId']} not found"
        raise refuse("2500", detail, "TaxAgencyId")
    _refuse_taken(change.rows, ENTITIES["TaxRate"], asked["TaxRateName"])
    body = rate_body(asked["TaxRateName"], asked["RateValue"], asked["TaxAgencyId"])
    return save(change, ENTITIES["TaxRate"], body)


def _refuse_taken(rows: Rows, entity: Entity, name: str) -> None:
    if rows.named(entity.name, name, ""):
        raise refuse("6240", f"The name supplied already exists. : {name}", entity.name_field)
