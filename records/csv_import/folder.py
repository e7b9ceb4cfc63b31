"""Imports the files of a folder, one after the other, in batches."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from companies.models import Company
from records.bulk import repeated
from records.csv_import.files import FileRefused, Refusal, measure, read
from records.csv_import.parsing import parse
from records.csv_import.shapes import SHAPES, Parsed, Problem, Shape
from records.csv_import.writing import BATCH_SIZE, Written, write

# A batch is one transaction: it ends at this many rows of the file.
ROWS_PER_BATCH = 2 * BATCH_SIZE


@dataclass(slots=True)
class Counts:
    """Of records, not of lines."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


@dataclass(slots=True)
class Result:
    """`files` by file name; `refused` counts everything that was refused, whole files too."""

    files: dict[str, Counts] = field(default_factory=dict)
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to hear of the import: of each refusal, and how far each file is (in lines)."""

    refusal: Callable[[Refusal], None] = lambda refusal: None
    progress: Callable[[str, int, int], None] = lambda file, done, total: None


def import_folder(*, company: Company, folder: Path, listener: Listener | None = None) -> Result:
    """Imports what is there of customers.csv, vendors.csv, items.csv, ... in the order in which
    they refer to each other. Good records are kept, whatever is wrong with others. Raises
    FileNotFoundError when the folder has none of the files."""
    shapes = [shape for shape in SHAPES if (folder / shape.file).is_file()]
    if not shapes:
        names = ", ".join(shape.file for shape in SHAPES)
        raise FileNotFoundError(f"{folder} has none of the files {names}.")
    result = Result()
    for shape in shapes:
        counts = result.files[shape.file] = Counts()
        try:
            _import_file(company, folder / shape.file, shape, counts, listener or Listener())
        except FileRefused as refused:
            (listener or Listener()).refusal(refused.refusal)
            result.refused += 1
        result.refused += counts.refused
    return result


def _import_file(
    company: Company, path: Path, shape: Shape, counts: Counts, listener: Listener
) -> None:
    total = measure(path)
    listener.progress(shape.file, 0, total)
    rows = read(path, known=shape.known, required=shape.required)
    batch: list[Parsed] = []
    size = 0
    for found in parse(shape, rows, currency=company.currency):
        if isinstance(found, Refusal):
            counts.refused += 1
            listener.refusal(found)
        elif isinstance(found, list):
            counts.refused += 1
            _report(shape, found, listener)
        else:
            batch.append(found)
            size += max(1, len(found.entries))
        if size >= ROWS_PER_BATCH:
            _write(company, shape, batch, counts, listener)
            listener.progress(shape.file, batch[-1].line, total)
            batch, size = [], 0
    if batch:
        _write(company, shape, batch, counts, listener)
    listener.progress(shape.file, total, total)


def _write(
    company: Company, shape: Shape, batch: list[Parsed], counts: Counts, listener: Listener
) -> None:
    written: Written = repeated(functools.partial(write, company, shape, batch))
    counts.created += written.created
    counts.updated += written.updated
    counts.unchanged += written.unchanged
    counts.refused += written.refused
    _report(shape, written.problems, listener)


def _report(shape: Shape, problems: list[Problem], listener: Listener) -> None:
    for problem in problems:
        listener.refusal(Refusal(shape.file, problem.line, problem.column, problem.message))
