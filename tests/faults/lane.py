"""`python -m tests.faults.lane`: tells the histories whose seeds it reads, one line for each.

A lane has servers, books and workers of its own and keeps them from one history to the next, so
that a history takes seconds. It answers each seed with a result as JSON.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.faults.ground import HURRIED, prepared
from tests.faults.plan import draw

if TYPE_CHECKING:
    from tests.faults.history import Stage

# How often each Celery message is delivered.
COPIES = 3


@contextmanager
def stage() -> Iterator[Stage]:
    """Everything that is kept between histories. Django can be imported when it is ready."""
    with prepared(HURRIED) as ground:
        from tests.books import point_at, running_books
        from tests.faults.books import Books
        from tests.faults.fleet import Fleet
        from tests.faults.history import Stage

        options = ("--refresh-rotation-seconds", "86400")  # As the vendor.
        with running_books(ground.folder / "books.sqlite", *options) as running:
            books = Books(running.address)
            point_at(books)
            fleet = Fleet(ground.folder, {"SYNCAPP_TEST_COPIES": str(COPIES)})
            try:
                fleet.start()
                yield Stage(ground, books, fleet)
            finally:
                fleet.stop()


def told(stage: Stage, seed: int) -> dict[str, Any]:
    """The result of one history as plain data; one that broke down is a violation too."""
    try:
        return vars(stage.tell(draw(seed)))
    except Exception:  # noqa: BLE001  (the next history begins on fresh ground)
        return {"seed": seed, "violations": [f"broke down: {traceback.format_exc()}"]}


def main() -> int:
    with stage() as here:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(told(here, int(line))) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
