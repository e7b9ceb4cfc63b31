"""Reading objects by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.documents import RecordType
from connectors.interface import Remote, Steps
from connectors.tryton import rpc, stages
from connectors.tryton.config import Config
from connectors.tryton.contents import parse
from connectors.tryton.models import MODELS

MOST_ROWS = 200


def fetch(
    record_type: RecordType, external_ids: Sequence[str], config: Config
) -> Steps[Mapping[str, Remote]]:
    """An item that is known by its template only (`stages.TEMPLATE`) is given under that id."""
    model = MODELS[record_type]
    found: dict[str, Remote] = {}
    wanted = sorted(set(external_ids))
    for at in range(0, len(wanted), MOST_ROWS):
        part = wanted[at : at + MOST_ROWS]
        rows = yield from rpc.rows(
            config,
            model.name,
            [*_by_ids(part), *model.active_or_not],
            *model.fields,
            summary=f"{record_type}: {len(part)} by id",
        )
        for row in rows:
            remote = parse(record_type, row, config)
            if remote:
                template = f"{stages.TEMPLATE}{row.get('template')}"
                found[template if template in part else remote.external_id] = remote
    return {external_id: found[external_id] for external_id in wanted if external_id in found}


def _by_ids(ids: Sequence[str]) -> list[Any]:
    own = [int(one) for one in ids if one.isdigit()]
    templates = [int(one[1:]) for one in ids if one.startswith(stages.TEMPLATE)]
    if templates:
        return [["OR", ["id", "in", own], ["template", "in", templates]]]
    return [["id", "in", own]]
