"""The frame around every page."""

from __future__ import annotations

from html import escape
from pathlib import Path

STYLE = Path(__file__).with_name("style.css").read_bytes()


def page(company: str, title: str, content: str) -> str:
    """A whole page; `content` is HTML, the rest is text."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - {escape(company)}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<strong>{escape(company)}</strong>
<a href="/">Books</a>
<a href="/log">Log</a>
<a href="/preferences">Preferences</a>
</header>
<main>
<h1>{escape(title)}</h1>
{content}
</main>
</body>
</html>
"""


def bare_page(title: str, content: str) -> str:
    """A page outside the books: consent, or why there is none."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="narrow sheet">
<h1>{escape(title)}</h1>
{content}
</main>
</body>
</html>
"""


def table(headings: list[str], rows: list[list[str]], amounts: str = "") -> str:
    """A table; cells are HTML, headings are text. The column `amounts` is right-aligned."""
    marks = [' class="amount"' if each == amounts else "" for each in headings]
    named = zip(headings, marks, strict=True)
    head = "".join(f'<th scope="col"{mark}>{escape(each)}</th>' for each, mark in named)
    body = "".join(_row(row, marks) for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(cells: list[str], marks: list[str]) -> str:
    pairs = zip(cells, marks, strict=True)
    return "<tr>" + "".join(f"<td{mark}>{cell}</td>" for cell, mark in pairs) + "</tr>"


def problems(texts: list[str]) -> str:
    return "".join(f'<p class="wrong" role="alert">{escape(each)}</p>' for each in texts)
