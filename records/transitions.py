"""What a person may do with records: issue, void and delete them, many at a time."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from records.models import LINE_MODELS, Status


def issue(documents: QuerySet[Any]) -> int:
    """Drafts become issued, and from now on accounting hears of them. Returns how many.

    A document without lines stays a draft: there is nothing to book.
    """
    drafts = documents.filter(status=Status.DRAFT, deleted_at=None)
    lines: Any = LINE_MODELS[documents.model.record_type]
    if documents.model.record_type != "payment":
        drafts = drafts.filter(
            Exists(lines.objects.filter(**{lines.document_field: OuterRef("pk")}))
        )
    return _changed(drafts, status=Status.ISSUED)


def void(documents: QuerySet[Any]) -> int:
    """Issued documents become void, for good. Returns how many."""
    return _changed(documents.filter(status=Status.ISSUED, deleted_at=None), status=Status.VOIDED)


def delete(records: QuerySet[Any]) -> int:
    """The rows stay; accounting hears that the records are gone. Returns how many."""
    return _changed(records.filter(deleted_at=None), deleted_at=timezone.now())


def users_of(records: QuerySet[Any]) -> list[Any]:
    """What still refers to these records and is not deleted itself: why they must stay."""
    found: list[Any] = []
    for relation in records.model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.one_to_many) or found:
            continue
        field = relation.field
        parent = getattr(field.model, "document_field", None)
        if field.name == parent:
            continue  # Its own lines.
        alive = Q(**{f"{parent}__deleted_at" if parent else "deleted_at": None})
        if hasattr(field.model, "record_type") or parent:
            rows = field.model.objects.filter(alive, **{f"{field.name}__in": records})
            found += [getattr(row, parent) if parent else row for row in rows.order_by("pk")[:5]]
    return found


def _changed(records: QuerySet[Any], **values: Any) -> int:
    return records.update(updated_at=timezone.now(), **values)
