#!/usr/bin/env python
"""Runs a management command, with PostgreSQL and Redis of its own where none are given."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncapp.settings")
    try:
        from django.core.management import execute_from_command_line

        from syncapp.embedded import EmbeddedServerError
        from syncapp.embedded.command import servers_for
    except ModuleNotFoundError as error:
        sys.exit(f"{error}. Run `make install`, then .venv/bin/python manage.py.")
    try:
        with servers_for(sys.argv[1:], base_dir=Path(__file__).resolve().parent):
            execute_from_command_line(sys.argv)
    except EmbeddedServerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
