"""Judges incoming objects that are not linked yet: ours by marker, a match, or new."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from connectors import documents
from connectors.documents import RecordType
from connectors.interface import Remote
from connectors.models import Decision, Link, Match
from jobs import applied, mapping
from jobs.mapping import Loaded, Missing, Resolver
from jobs.plan import is_too_early, record_id_of
from jobs.work import Stop, Work
from records.models import RECORD_MODELS, Named, Payment, PaymentApplication, Record, Status
from records.names import folded, folded_start, ids_by_name
from syncqueue.models import SyncQueueItem


def adopt(work: Work, record_type: RecordType, remotes: Sequence[Remote]) -> int:
    """Link or create what came from accounting; returns how many records were created. Fenced.

    In this order: (1) it carries our marker: link it, never create; (2) something of its type was
    sent and not answered: it waits; (3) a match; (4) new.
    """
    if not remotes:
        return 0
    rest = _by_marker(work, record_type, remotes)
    if not work.connector.directions[record_type].imports:
        return 0
    if _is_unsettled(work, record_type):
        raise Stop(delay=5)
    if record_type is RecordType.PAYMENT:
        return _payments(work, rest)
    return _create(work, record_type, _by_match(work, record_type, rest))


def _by_marker(work: Work, record_type: RecordType, remotes: Sequence[Remote]) -> list[Remote]:
    """Link what we once sent; returns the others."""
    marked: dict[int, Remote] = {}
    rest: list[Remote] = []
    for remote in remotes:
        found = record_id_of(remote.marker, work.connection)
        if found and found[0] is record_type:
            marked.setdefault(found[1], remote)
        else:
            rest.append(remote)
    taken = _linked_ids(work, record_type, marked)
    loaded = mapping.load(record_type=record_type, ids=[i for i in marked if i not in taken])
    link_all(
        work, record_type, [(loaded[i], remote) for i, remote in marked.items() if i in loaded]
    )
    return rest


def _is_unsettled(work: Work, record_type: RecordType) -> bool:
    return (
        SyncQueueItem.objects.unsettled()
        .filter(connection=work.connection, record_type=record_type)
        .exists()
    )


def link_all(work: Work, record_type: RecordType, pairs: Sequence[tuple[Loaded, Remote]]) -> None:
    """Our record = their object; what differs now counts as agreed until either side changes it."""
    resolver = Resolver(work.connection)
    resolver.load(mapping.references(record_type, [loaded for loaded, _remote in pairs]))
    Link.objects.bulk_create(
        Link(
            connection=work.connection,
            company_id=work.connection.company_id,
            record_type=record_type,
            record_id=loaded.record.pk,
            external_id=remote.external_id,
            version=remote.version,
            ours=ours_of(record_type, loaded, resolver),
            theirs=documents.to_json(remote.content),
            is_finished=remote.is_finished,
        )
        for loaded, remote in pairs
    )


def ours_of(record_type: RecordType, loaded: Loaded, resolver: Resolver) -> dict[str, Any]:
    try:
        return documents.to_json(mapping.to_document(record_type, loaded, resolver.resolve))
    except Missing:
        return {}


def _by_match(work: Work, record_type: RecordType, remotes: Sequence[Remote]) -> list[Remote]:
    """Link exact single matches, propose the doubtful ones; returns what is new."""
    decided = _decided(work, record_type, remotes)
    new = [remote for remote in remotes if decided.get(remote.external_id)]
    remotes = [remote for remote in remotes if remote.external_id not in decided]
    candidates = unlinked_by_name(work, record_type, remotes)
    exact: list[tuple[Loaded, Remote]] = []
    proposed: list[tuple[Record, Remote, str]] = []
    for remote in remotes:
        records = candidates.get(folded(remote.label), [])
        if not records:
            new.append(remote)
        elif len(records) == 1 and (why := _sure(work, record_type, records[0], remote)):
            exact.append((Loaded(records[0]), remote))
            candidates[folded(remote.label)] = []
        else:
            why = "Equal name" if len(records) == 1 else f"{len(records)} records of this name"
            proposed.append((records[0], remote, why))
    link_all(work, record_type, exact)
    propose(work, record_type, proposed, is_exact=False)
    return new


def _decided(work: Work, record_type: RecordType, remotes: Sequence[Remote]) -> dict[str, bool]:
    """The objects that people decided about: True for what is another one than ours and is to be
    created here. Before it is confirmed, nothing is."""
    matches = Match.objects.filter(
        connection=work.connection,
        record_type=record_type,
        external_id__in=[remote.external_id for remote in remotes],
    ).exclude(decision=Decision.PENDING)
    return {
        match.external_id: match.decision == Decision.CREATE and match.confirmed_at is not None
        for match in matches.only("external_id", "decision", "confirmed_at")
    }


def propose(
    work: Work,
    record_type: RecordType,
    found: Sequence[tuple[Record, Remote, str]],
    *,
    is_exact: bool,
) -> None:
    Match.objects.bulk_create(
        (
            Match(
                connection=work.connection,
                company_id=work.connection.company_id,
                record_type=record_type,
                record_id=record.pk,
                record_label=str(record)[:500],
                external_id=remote.external_id,
                external_label=remote.label[:500],
                version=remote.version,
                theirs=documents.to_json(remote.content),
                is_exact=is_exact,
                why=why,
                decision=Decision.PENDING,
            )
            for record, remote, why in found
        ),
        ignore_conflicts=True,
    )


def _sure(work: Work, record_type: RecordType, record: Record, remote: Remote) -> str:
    """Why a match is certain; "" when a person has to look. Reference data goes by name alone."""
    if not work.connector.directions[record_type].exports:
        return "Equal name"
    content: Any = remote.content
    for name in ("email", "tax_number", "sku"):
        mine, theirs = getattr(record, name, ""), getattr(content, name, "")
        if mine and mine == theirs:
            return f"Equal name and {name.replace('_', ' ')}"
    return ""


def _create(work: Work, record_type: RecordType, remotes: Sequence[Remote]) -> int:
    """New records of ours, with their links, in bulk."""
    if not remotes:
        return 0
    resolver = Resolver(work.connection)
    for column, target in mapping.REFERENCES.items():
        name = mapping.COLUMNS[record_type].get(column)
        if name:
            ids = {getattr(remote.content, name) for remote in remotes}
            resolver.load_external(target, {i for i in ids if i})
    model = RECORD_MODELS[record_type]
    made = model._default_manager.bulk_create(
        model(
            company_id=work.connection.company_id,
            **_with_folded_name(
                mapping.to_columns(record_type, _values(remote), resolver.record_id)
            ),
        )
        for remote in remotes
    )
    pairs = [(Loaded(record), remote) for record, remote in zip(made, remotes, strict=True)]
    link_all(work, record_type, pairs)
    if work.connector.directions[record_type].exports:  # Lists of theirs have no history here.
        applied.note(work, record_type, {applied.CREATED: made})
    return len(made)


def _with_folded_name(columns: dict[str, Any]) -> dict[str, Any]:
    """The next page looks among these, too."""
    return {**columns, "folded_name": folded_start(columns["name"])}


def _payments(work: Work, remotes: Sequence[Remote]) -> int:
    """Payments made in accounting on invoices of ours become payments here; others stay there."""
    resolver = Resolver(work.connection)
    contents: list[tuple[Remote, Any]] = [(remote, remote.content) for remote in remotes]
    resolver.load_external(
        RecordType.INVOICE,
        {part.document for _remote, content in contents for part in content.applications},
    )
    resolver.load_external(RecordType.CUSTOMER, {content.party for _r, content in contents})
    resolver.load_external(
        RecordType.PAYMENT_METHOD, {content.method for _r, content in contents if content.method}
    )
    resolver.load_external(
        RecordType.ACCOUNT,
        {content.deposit_account for _r, content in contents if content.deposit_account},
    )
    return sum(_payment(work, remote, content, resolver) for remote, content in contents)


def _payment(work: Work, remote: Remote, content: Any, resolver: Resolver) -> bool:
    invoices: dict[str, int] = {}
    for part in content.applications:
        invoice_id = resolver.record_id(RecordType.INVOICE, part.document)
        if invoice_id is None:
            return False
        invoices[part.document] = invoice_id
    if not invoices or content.is_voided or is_too_early(work.connection, content):
        return False
    values = {**_values(remote), "number": content.number or remote.external_id}
    columns = mapping.to_columns(RecordType.PAYMENT, values, resolver.record_id)
    if "customer_id" not in columns:
        return False
    payment = Payment.objects.create(
        company_id=work.connection.company_id, status=Status.ISSUED, **columns
    )
    rows = PaymentApplication.objects.bulk_create(
        PaymentApplication(
            company_id=payment.company_id,
            payment=payment,
            invoice_id=invoices[part.document],
            amount=part.amount,
        )
        for part in content.applications
    )
    link_all(work, RecordType.PAYMENT, [(Loaded(payment, rows), remote)])
    applied.note(work, RecordType.PAYMENT, {applied.CREATED: [payment]})
    return True


def _values(remote: Remote) -> dict[str, Any]:
    """Fields of the content that are columns of ours (rows are made apart)."""
    content = remote.content
    fields = mapping.COLUMNS[remote.record_type].values()
    return {name: getattr(content, name) for name in fields}


def unlinked_by_name(
    work: Work, record_type: RecordType, remotes: Sequence[Remote]
) -> dict[str, list[Record]]:
    """Records of ours without a link, by folded name, for the names that came in."""
    model = cast(type[Named], RECORD_MODELS[record_type])
    named = ids_by_name(
        model=model,
        company_id=work.connection.company_id,
        names=[remote.label for remote in remotes],
    )
    ids = {pk for pks in named.values() for pk in pks}
    ids -= _linked_ids(work, record_type, ids)
    found: dict[str, list[Record]] = {}
    for record in model._default_manager.filter(pk__in=ids).order_by("pk"):
        found.setdefault(folded(str(record)), []).append(record)
    return found


def _linked_ids(work: Work, record_type: RecordType, ids: Collection[int]) -> set[int]:
    """Those of our records that are linked already."""
    links = Link.objects.filter(
        connection=work.connection, record_type=record_type, record_id__in=ids
    )
    return set(links.values_list("record_id", flat=True))
