"""What our user in Tryton must be allowed to do, and what to say when something is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.interface import Caution, Steps
from connectors.tryton import rpc
from connectors.tryton.config import Config

_WRITES = ("read", "write", "create")
NEEDED: Mapping[str, Sequence[str]] = {
    "party.party": _WRITES,
    "party.address": _WRITES,
    "party.contact_mechanism": (*_WRITES, "delete"),
    "party.identifier": (*_WRITES, "delete"),
    "product.template": _WRITES,
    "product.product": _WRITES,
    "product.identifier": ("create",),
    "account.invoice": _WRITES,
    "account.invoice.line": (*_WRITES, "delete"),
    "account.move": _WRITES,
    "account.move.line": (*_WRITES, "delete"),
    "account.move.reconciliation": ("create",),
}


CATEGORY = "account_category"


def lacking(config: Config) -> Steps[list[str]]:
    """ "write product.product" for each right that our user has not."""
    method = "model.ir.model.access.get_access"
    granted = rpc.result_of((yield rpc.call(config, method, sorted(NEEDED), summary="Rights")))
    method = "model.product.template.fields_get"
    fields = rpc.result_of((yield rpc.call(config, method, [CATEGORY], summary="Rights")))
    found = [
        f"{right} {model}"
        for model, rights in NEEDED.items()
        for right in rights
        if not granted.get(model, {}).get(right)
    ]
    is_kept = fields.get(CATEGORY, {}).get("readonly") is True
    return [*found, f"write product.template.{CATEGORY}"] if is_kept else found


def caution(rights: Sequence[str]) -> Caution:
    named = ", ".join(rights[:5]) + (", …" if len(rights) > 5 else "")
    return Caution("no_rights", f"Syncapp's user in Tryton may not: {named}.", rpc.GROUPS)
