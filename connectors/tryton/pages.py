"""Where a person looks at an object in Tryton's web client."""

from __future__ import annotations

from connectors.documents import RecordType
from connectors.tryton import stages
from connectors.tryton.models import MODELS


def page_of(*, url: str, database: str, record_type: RecordType, external_id: str) -> str:
    """The client (sao) is served by Tryton itself: /#database/model/name/id."""
    model, number = MODELS[record_type].name, external_id
    if external_id.startswith(stages.TEMPLATE):  # An item of which only the template is there.
        model, number = "product.template", external_id[1:]
    return f"{url.rstrip('/')}/#{database}/model/{model}/{number}"
