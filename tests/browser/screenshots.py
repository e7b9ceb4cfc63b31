"""Takes pictures of every page with demo rows: python -m tests.browser.screenshots FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

import django

from tests import plugin


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Say where to: python -m tests.browser.screenshots FOLDER")
    # Importing the plugin has started the servers and named the settings.
    assert plugin.worker
    django.setup()
    from tests.browser.pictures import take  # Reads models: only now can it be imported.

    take(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
