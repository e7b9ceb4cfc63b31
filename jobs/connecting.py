"""Connecting: the check-up, the reference data, the default mapping, and who is who.

One function for the page and the command. It runs as a job, so that every request is journaled,
a crash resumes, and nobody exports meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.interface import Connector
from connectors.models import Connection, ConnectionState, Decision, Link, Match
from connectors.registry import connector_for
from jobs import comparing, faults, loading, matching, settle
from jobs.importer import Importer
from jobs.lease import fenced
from jobs.sender import Sender
from jobs.work import Work
from records.models import Account, TaxCode


def scope(*, accept_exact: bool, initial_load: bool) -> dict[str, Any]:
    """The scope of a job that connects."""
    return {"connect": {"accept_exact": accept_exact, "initial_load": initial_load}}


def lists_scope(connector: Connector) -> dict[str, Any]:
    """The scope of a job that only reads the settings and the import-only types again."""
    lists = [kind for kind, one in connector.directions.items() if one.imports and not one.exports]
    return {"lists": True, "types": sorted(lists)}


def run(work: Work, sender: Sender) -> None:
    """All steps; each may be repeated after a crash. Raises Stop, Canceled, Halt, Outage."""
    options = work.job.scope["connect"]
    missing = _read_what_is_there(work, sender)
    if work.connection.state == ConnectionState.MATCHING:
        comparing.compare(work, sender)
        with fenced(work.lease):
            _go_on(work, accept_exact=options["accept_exact"])
    loaded = 0
    if options["initial_load"] and work.connection.state == ConnectionState.READY:
        loaded = loading.run(work)
    with fenced(work.lease):
        pending = matching.undecided_pairs(work.connection)
        work.update_job(explanation=_explanation(work, missing, pending, loaded))


def refresh_lists(work: Work, sender: Sender) -> None:
    """Read the settings and the import-only types again. Raises as `run` does."""
    missing = _read_what_is_there(work, sender)
    with fenced(work.lease):
        said = [_("The lists of %s are up to date.") % work.connection, *_unmapped(missing)]
        work.update_job(explanation=" ".join(said))


def _read_what_is_there(work: Work, sender: Sender) -> list[str]:
    """Returns the roles that could not be guessed."""
    _check_up(work, sender)
    # Before reconnecting something may have been sent without an answer; an import waits for it.
    settle.settle(work, sender)
    Importer(work, sender).run()
    with fenced(work.lease):
        return fill_defaults(work.connection)


def _go_on(work: Work, *, accept_exact: bool) -> None:
    """With nothing to match the connection is ready by itself; `accept_exact` is a person's word
    that exact matches may be linked. Everything else waits for the matching page."""
    connection, user = work.connection, work.job.created_by
    rows = Match.objects.filter(connection=connection)
    if accept_exact:
        exact = rows.filter(matching.EXACT)
        matching.decide(connection=connection, matches=exact, decision=Decision.LINK, user=user)
    is_decided = accept_exact and not matching.undecided_pairs(connection)
    is_for_a_person = rows.unconfirmed().filter(matching.PAIR | matching.DECIDED).exists()
    if is_decided or not is_for_a_person:
        matching.carry_out(connection=connection, user=user)


def _check_up(work: Work, sender: Sender) -> None:
    health = sender.read(work.connector.check())
    connection = work.connection
    connection.name = health.company_name
    connection.preferences = dict(health.preferences)
    connection.cautions = [
        {"code": c.code, "message": c.message, "advice": c.advice} for c in health.cautions
    ]
    connection.checked_at = timezone.now()
    with fenced(work.lease):
        connection.save(update_fields=["name", "preferences", "cautions", "checked_at"])
        faults.resolve_auth(work)
    work.connector = connector_for(connection)


def fill_defaults(connection: Connection) -> list[str]:
    """Choose what can be guessed by type and name, and was not chosen yet; returns the roles that
    are still open. In a transaction: a person may be choosing, too."""
    chosen = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk).defaults
    accounts = _linked(connection, Account)
    codes = _linked(connection, TaxCode)
    guesses = {
        "income_account": _pick(accounts, kinds=("income",), names=("sales of product", "sales")),
        "expense_account": _pick(
            accounts, kinds=("cost_of_goods_sold", "expense"), names=("cost of goods", "purchases")
        ),
        "asset_account": _pick(accounts, kinds=("other_asset",), names=("inventory",)),
        "deposit_account": _pick(
            accounts, kinds=("other_asset", "bank"), names=("undeposited", "checking", "bank")
        ),
        "taxable_code": _pick_code(codes, is_taxable=True),
        "untaxed_code": _pick_code(codes, is_taxable=False),
    }
    found = {role: record.pk for role, record in guesses.items() if record}
    connection.defaults = {**found, **chosen}
    connection.save(update_fields=["defaults"])
    return [role for role in guesses if not connection.defaults.get(role)]


def _linked(connection: Connection, model: type[Any]) -> list[Any]:
    links = Link.objects.filter(connection=connection, record_type=model.record_type, gone_at=None)
    rows = model.objects.filter(pk__in=links.values("record_id"), is_active=True)
    return list(rows.filter(Q(deleted_at=None)).order_by("pk"))


def _pick(accounts: Sequence[Any], *, kinds: Sequence[str], names: Sequence[str]) -> Any | None:
    """The first account of these kinds whose name begins like one of `names`, else of the first
    kind that is not a catch-all."""
    fitting = [account for account in accounts if account.kind in kinds]
    for name in names:
        for account in fitting:
            if account.name.casefold().startswith(name):
                return account
    sure = [account for account in fitting if account.kind != "other_asset"]
    return sure[0] if sure else None


def _pick_code(codes: Sequence[Any], *, is_taxable: bool) -> Any | None:
    """US companies have the pseudo codes TAX and NON; elsewhere a person chooses."""
    wanted = "TAX" if is_taxable else "NON"
    return next((code for code in codes if code.name.upper() == wanted), None)


def _explanation(work: Work, missing: list[str], pending: int, loaded: int) -> str:
    said = [_("Connected with %s.") % work.connection, *_unmapped(missing)]
    if work.connection.state == ConnectionState.MATCHING:
        said.append(
            ngettext(
                "%d proposal waits on the matching page for a decision before anything is sent.",
                "%d proposals wait on the matching page for a decision before anything is sent.",
                pending,
            )
            % pending
        )
    if loaded:
        said.append(
            ngettext(
                "%d record waits in the Sync Queue for the next Sync Job.",
                "%d records wait in the Sync Queue for the next Sync Job.",
                loaded,
            )
            % loaded
        )
    return " ".join(said)


def _unmapped(missing: list[str]) -> list[str]:
    if not missing:
        return []
    roles = ", ".join(role.replace("_", " ") for role in missing)
    return [_("Choose on the Mapping page: %s.") % roles]
