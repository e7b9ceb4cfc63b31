"""Loads a folder of CSV files into a company: one file per type, in bulk, the good rows kept."""

from __future__ import annotations

from records.csv_import.files import Refusal
from records.csv_import.folder import Counts, Listener, Result, import_folder

__all__ = ["Counts", "Listener", "Refusal", "Result", "import_folder"]
