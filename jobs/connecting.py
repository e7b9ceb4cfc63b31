"""Connecting: the check-up, the reference data, the default mapping, and who is who.

One function for the page and the command. It runs as a job, so that every request is journaled,
a crash resumes, and nobody exports meanwhile.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.documents import RANKS, RecordType
from connectors.interface import Cursor, Remote
from connectors.models import Connection, ConnectionState, Decision, Link, Match
from connectors.registry import connector_for
from jobs import adopt, faults, mapping, settle, words
from jobs.importer import Importer
from jobs.lease import fenced
from jobs.mapping import Loaded
from jobs.plan import NAMES
from jobs.sender import Sender
from jobs.work import Work
from records.models import RECORD_MODELS, Account, Record, Status, TaxCode
from syncqueue import transitions
from syncqueue.transitions import Entry

LOAD_BATCH = 5000


def scope(*, accept_exact: bool, initial_load: bool, since: datetime.date | None) -> dict[str, Any]:
    """The scope of a job that connects."""
    return {
        "connect": {
            "accept_exact": accept_exact,
            "initial_load": initial_load,
            "since": since.isoformat() if since else None,
        }
    }


def run(work: Work, sender: Sender) -> None:
    """All steps; each may be repeated after a crash. Raises Stop, Canceled, Halt, Outage."""
    options = work.job.scope["connect"]
    _check_up(work, sender)
    # Before reconnecting something may have been sent without an answer; an import waits for it.
    settle.settle(work, sender)
    Importer(work, sender).run()
    with fenced(work.lease):
        missing = fill_defaults(work.connection)
    if work.connection.state == ConnectionState.MATCHING:
        for record_type in sorted(NAMES):
            _compare(work, sender, record_type)
    with fenced(work.lease):
        if options["accept_exact"]:
            exact = Match.objects.filter(connection=work.connection, is_exact=True)
            decide(matches=exact, decision=Decision.LINK, user=work.job.created_by)
        pending = finish_matching(work.connection)
        loaded = 0
        if options["initial_load"]:
            since = options["since"]
            day = datetime.date.fromisoformat(since) if since else None
            loaded = load_all(work.connection, since=day, user=work.job.created_by)
        work.update_job(explanation=_explanation(work, missing, pending, loaded))


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
    """Choose what can be guessed by type and name; returns the roles that could not."""
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
    connection.defaults = {**found, **connection.defaults}
    connection.save(update_fields=["defaults"])
    return [role for role in guesses if role not in connection.defaults]


def decide(*, matches: Any, decision: Decision, user: User | None) -> int:
    """Settle proposals; LINK also makes the links. Returns how many were pending."""
    with transaction.atomic():
        rows = list(matches.filter(decision=Decision.PENDING).select_for_update())
        if decision == Decision.LINK:
            _link(rows)
        Match.objects.filter(pk__in=[row.pk for row in rows]).update(
            decision=decision, decided_by=user, decided_at=timezone.now()
        )
    return len(rows)


def finish_matching(connection: Connection) -> int:
    """The connection is ready when nothing is left to decide; returns what is left."""
    pending = Match.objects.filter(connection=connection, decision=Decision.PENDING).count()
    if not pending and connection.state == ConnectionState.MATCHING:
        connection.state = ConnectionState.READY
        connection.save(update_fields=["state"])
    return pending


def load_all(connection: Connection, *, since: datetime.date | None, user: User | None) -> int:
    """Queue everything that accounting does not have yet; documents from `since` on."""
    connector = connector_for(connection)
    queued = 0
    for record_type, model in RECORD_MODELS.items():
        kind = RecordType(record_type)
        if not connector.directions[kind].exports:
            continue
        for entries in _batches(connection, kind, model, since):
            queued += transitions.enqueue(
                connection=connection,
                record_type=record_type,
                rank=RANKS[kind],
                entries=entries,
                user_id=user.pk if user else None,
                origin="load",
            )
    return queued


def _batches(
    connection: Connection, record_type: RecordType, model: type[Record], since: Any
) -> Iterator[list[Entry]]:
    manager: Any = model._default_manager
    rows = manager.filter(company_id=connection.company_id, deleted_at=None)
    if hasattr(model, "status"):
        rows = rows.filter(status=Status.ISSUED)
        if since:
            rows = rows.filter(date__gte=since)
    links = Link.objects.filter(connection=connection, record_type=record_type)
    rows = rows.exclude(pk__in=links.values("record_id")).order_by("pk")
    batch: list[Entry] = []
    for record in rows.iterator(chunk_size=LOAD_BATCH):
        batch.append(Entry(record.pk, str(record), Loaded(record).amount))
        if len(batch) == LOAD_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _compare(work: Work, sender: Sender, record_type: RecordType) -> None:
    """Propose which record of ours is which object of theirs; writes nothing else."""
    with fenced(work.lease):
        work.update_job(phase=_("Comparing %s") % words.plural(record_type))
    theirs = list(_all_of_theirs(work, sender, record_type))
    with fenced(work.lease):
        by_name = adopt.unlinked_by_name(work, record_type, theirs)
        exact: list[tuple[Record, Remote, str]] = []
        doubtful: list[tuple[Record, Remote, str]] = []
        for remote in theirs:
            records = by_name.get(adopt.name_key(remote.label), [])
            if len(records) == 1 and str(records[0]).strip() == remote.label.strip():
                exact.append((records[0], remote, _("Equal name")))
            elif records:
                doubtful.append((records[0], remote, _("Similar name")))
        adopt.propose(work, record_type, exact, is_exact=True)
        adopt.propose(work, record_type, doubtful, is_exact=False)


def _all_of_theirs(work: Work, sender: Sender, record_type: RecordType) -> Iterator[Remote]:
    position = Cursor()
    while True:
        page = sender.read(work.connector.pull(record_type, position))
        yield from page.records
        if page.is_last:
            return
        position = page.cursor


def _link(rows: Sequence[Match]) -> None:
    """Links in bulk; what differs now counts as agreed until either side changes it."""
    for kind in RecordType:
        of_kind = {row.record_id: row for row in rows if row.record_type == kind and row.record_id}
        loaded = mapping.load(record_type=kind, ids=list(of_kind))
        if not loaded:
            continue
        resolver = mapping.Resolver(rows[0].connection)
        resolver.load(mapping.references(kind, loaded.values()))
        Link.objects.bulk_create(
            [
                Link(
                    connection_id=of_kind[record_id].connection_id,
                    company_id=of_kind[record_id].company_id,
                    record_type=kind,
                    record_id=record_id,
                    external_id=of_kind[record_id].external_id,
                    version=of_kind[record_id].version,
                    ours=adopt.ours_of(kind, one, resolver),
                    theirs=of_kind[record_id].theirs,
                )
                for record_id, one in loaded.items()
            ],
            ignore_conflicts=True,
        )


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
    name = str(work.connection)
    said = [_("Connected with %s.") % name]
    if missing:
        roles = ", ".join(role.replace("_", " ") for role in missing)
        said.append(_("Choose these defaults on the connection: %s.") % roles)
    if pending:
        said.append(_("%d proposals wait for a decision before anything is sent.") % pending)
    if loaded:
        said.append(_("%d records wait in the Sync Queue for the next Sync Job.") % loaded)
    return " ".join(said)
