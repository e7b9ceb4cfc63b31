"""Compares both sides when a company is connected: proposes who is who, and writes nothing else.

Runs inside the job that connects. What it finds are `Match` rows for the matching page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from connectors import documents
from connectors.documents import RecordType
from connectors.interface import Cursor, Remote
from connectors.models import Connection, Link, Match
from connectors.registry import KINDS
from jobs import pairing, words
from jobs.lease import fenced
from jobs.pairing import Pair, Side
from jobs.plan import NAMES, record_id_of
from jobs.sender import Sender
from jobs.work import Work
from records.models import RECORD_MODELS
from records.names import folded

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Compared:
    """One type: the pairs, and the names that everything there has."""

    record_type: RecordType
    pairs: Sequence[Pair]
    remotes: Mapping[str, Remote]


def compare(work: Work, sender: Sender) -> None:
    """Propose for each type of names. What people decided before stays; may be repeated."""
    compared = [_compared(work, sender, record_type) for record_type in _types(work)]
    taken = _Taken(work.connection, compared, _other_names(work, sender))
    for one in compared:
        _store(work, one, taken)


def _types(work: Work) -> list[RecordType]:
    directions = work.connector.directions
    return [one for one in sorted(NAMES) if directions[one].imports and directions[one].exports]


def _compared(work: Work, sender: Sender, record_type: RecordType) -> Compared:
    with fenced(work.lease):
        work.update_job(phase=_("Comparing %s") % words.plural(record_type))
    remotes = _all_of_theirs(work, sender, record_type)
    ours = _ours(work.connection, record_type)
    theirs = _theirs(work.connection, record_type, remotes)
    return Compared(record_type, pairing.pair(ours, theirs), remotes)


def _all_of_theirs(work: Work, sender: Sender, record_type: RecordType) -> dict[str, Remote]:
    """By external id."""
    found: dict[str, Remote] = {}
    position = Cursor()
    while True:
        work.breathe()
        page = sender.read(work.connector.pull(record_type, position))
        found |= {remote.external_id: remote for remote in page.records}
        if page.is_last:
            return found
        position = page.cursor


def _ours(connection: Connection, record_type: RecordType) -> list[Side]:
    """Our records that are neither linked nor decided about, in the order of their ids."""
    model: Any = RECORD_MODELS[record_type]
    names = {field.name for field in model._meta.concrete_fields}
    telling = [name for name in pairing.TELLING if name in names]
    about = {"connection": connection, "record_type": record_type, "record_id": OuterRef("pk")}
    rows = (
        model._default_manager.filter(company_id=connection.company_id, deleted_at=None)
        .filter(~Exists(Link.objects.filter(**about)))
        .filter(~Exists(Match.objects.decided().filter(**about)))
        .order_by("pk")
    )
    return [
        Side(pk, name, {key: value for key, value in zip(telling, told, strict=True) if value})
        for pk, name, *told in rows.values_list("pk", model.label_field, *telling)
    ]


def _theirs(
    connection: Connection, record_type: RecordType, remotes: Mapping[str, Remote]
) -> list[Side]:
    """Their objects that are neither linked nor decided about. What carries our marker is ours:
    the import links it."""
    of_type = {"connection": connection, "record_type": record_type}
    known = set(Link.objects.filter(**of_type).values_list("external_id", flat=True))
    known |= set(Match.objects.decided().filter(**of_type).values_list("external_id", flat=True))
    return [
        Side(external_id, remote.label, _telling(remote))
        for external_id, remote in remotes.items()
        if external_id not in known and record_id_of(remote.marker, connection) is None
    ]


def _telling(remote: Remote) -> dict[str, str]:
    values = {name: getattr(remote.content, name, "") for name in pairing.TELLING}
    return {name: value for name, value in values.items() if value}


def _other_names(work: Work, sender: Sender) -> Mapping[str, Sequence[str]]:
    """Names of what we do not synchronize, such as employees, by what they are."""
    ask = KINDS[work.connection.kind].other_names
    return sender.read(ask(work.connection)) if ask else {}


class _Taken:
    """Says which of our names could not be created there, because another type has them."""

    def __init__(
        self,
        connection: Connection,
        compared: Sequence[Compared],
        others: Mapping[str, Sequence[str]],
    ) -> None:
        kind = KINDS[connection.kind]
        self._system = kind.label
        self._shared = kind.shared_names
        self._there: dict[str, dict[str, str]] = {
            what: {folded(name): name for name in names} for what, names in others.items()
        }
        self._here: dict[str, dict[str, str]] = {}
        for one in compared:
            if one.record_type in self._shared:
                labels = [remote.label for remote in one.remotes.values()]
                self._there[one.record_type] = {folded(name): name for name in labels}
                lone = [pair.ours.name for pair in one.pairs if pair.ours and not pair.theirs]
                self._here[one.record_type] = {folded(name): name for name in lone}

    def by(self, record_type: RecordType, name: str) -> str:
        """A sentence; "" when the name is free."""
        if record_type not in self._shared:
            return ""
        key = folded(name)
        for what, names in self._there.items():
            if what != record_type and key in names:
                return _(
                    "%(system)s takes a name once, and “%(name)s” is there already, as %(what)s. "
                    "Give ours another name before it is sent, such as “%(name)s (%(type)s)”."
                ) % self._said(what, names[key], record_type)
        for what, names in self._here.items():
            if what != record_type and key in names:
                return _(
                    "%(system)s takes a name once, and “%(name)s” is the name of our %(what)s, "
                    "too. Give one of them another name, such as “%(name)s (%(type)s)”."
                ) % self._said(what, names[key], record_type)
        return ""

    def _said(self, what: str, name: str, record_type: RecordType) -> dict[str, str]:
        model = RECORD_MODELS.get(what)
        return {
            "system": self._system,
            "what": str(model._meta.verbose_name) if model else what,
            "name": Truncator(name).chars(40),
            "type": str(RECORD_MODELS[record_type]._meta.verbose_name),
        }


def _store(work: Work, compared: Compared, taken: _Taken) -> None:
    """Replace what was proposed before, and not decided, in short transactions: after a crash it is
    done anew."""
    connection = work.connection
    of_type = {"connection": connection, "record_type": compared.record_type}
    with fenced(work.lease):
        Match.objects.undecided().filter(**of_type).delete()
    for at in range(0, len(compared.pairs), BATCH):
        batch = compared.pairs[at : at + BATCH]
        with fenced(work.lease):
            Match.objects.bulk_create(
                [_match(connection, compared, pair, taken) for pair in batch],
                ignore_conflicts=True,
            )


def _match(connection: Connection, compared: Compared, pair: Pair, taken: _Taken) -> Match:
    made = Match(
        connection=connection,
        company_id=connection.company_id,
        record_type=compared.record_type,
        is_exact=pair.is_exact,
        why=pair.why[:200],
    )
    if pair.ours:
        made.record_id, made.record_label = pair.ours.key, pair.ours.name[:500]
        if not pair.is_exact:
            made.clash = taken.by(compared.record_type, pair.ours.name)[:300]
    if pair.theirs:
        remote = compared.remotes[pair.theirs.key]
        made.external_id, made.external_label = remote.external_id, remote.label[:500]
        made.version, made.theirs = remote.version, documents.to_json(remote.content)
    return made
