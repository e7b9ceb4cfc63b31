"""Reads one CSV file row by row and says what is wrong with it, by line."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not imported, and what to do; line 0 or column "" concern the whole."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{line}{column}: {self.message}"


class FileRefused(Exception):
    """Nothing of this file can be read."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is where the row begins; `cells` are stripped and never None."""

    line: int
    cells: dict[str, str]


def measure(path: Path) -> int:
    """The number of lines. Raises FileRefused unless the whole file is UTF-8 text."""
    count = 0
    with path.open("rb") as file:
        for count, line in enumerate(file, start=1):
            try:
                text = line.decode()
            except UnicodeDecodeError:
                _refuse(
                    path, count, "This is not UTF-8 text. Save the file as “CSV UTF-8” and repeat."
                )
            if "\0" in text:
                _refuse(path, count, "This line holds a zero byte. Save the file as plain CSV.")
    return count


def read(
    path: Path, *, known: Collection[str], required: Collection[str]
) -> Iterator[Row | Refusal]:
    """The rows, or why one cannot be read. Raises FileRefused when the heading does not fit."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        heading = _heading(path, reader)
        _check(path, heading, known, required)
        line = reader.line_num + 1
        while True:
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Refusal(path.name, line, "", f"{_sentence(error)} Check the quotation marks.")
                values = []
            row = _row(path, line, heading, values)
            if row is not None:
                yield row
            line = reader.line_num + 1


def _heading(path: Path, reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip() for name in next(reader)]
    except StopIteration:
        _refuse(path, 0, "The file is empty. Its first line must name the columns.")
    except csv.Error as error:
        _refuse(path, 1, f"{_sentence(error)} The first line must name the columns.")


def _check(
    path: Path, heading: list[str], known: Collection[str], required: Collection[str]
) -> None:
    if len(heading) == 1 and (";" in heading[0] or "\t" in heading[0]):
        _refuse(path, 1, "The columns are not separated by commas. Save the file with commas.")
    for name in heading:
        if name not in known:
            _refuse(
                path, 1, f"There is no column of this name. Known are: {', '.join(known)}.", name
            )
        if heading.count(name) > 1:
            _refuse(path, 1, "This column is there twice. Remove one of them.", name)
    for name in required:
        if name not in heading:
            _refuse(path, 1, "This column is missing. Add it to the file.", name)


def _row(path: Path, line: int, heading: list[str], values: list[str]) -> Row | Refusal | None:
    if not any(value.strip() for value in values):
        return None
    if len(values) != len(heading):
        message = (
            f"This line has {len(values)} cells and the first line {len(heading)}."
            " Put text that contains commas into quotation marks."
        )
        return Refusal(path.name, line, "", message)
    return Row(line, {name: value.strip() for name, value in zip(heading, values, strict=True)})


def _sentence(error: csv.Error) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _refuse(path: Path, line: int, message: str, column: str = "") -> NoReturn:
    raise FileRefused(Refusal(path.name, line, column, message))
