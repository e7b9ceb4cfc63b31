"""The consent page: may this application read and write the company's books?"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from simulators.quickbooks_online.pages.layout import bare_page

KEPT = ("client_id", "redirect_uri", "state")


def consent_page(company: str, asked: Mapping[str, str]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">' for name in KEPT
    )
    return bare_page(
        "Connect your books",
        f"""<p>The application <strong>{escape(asked["client_id"])}</strong> asks to
read and write the accounting data of <strong>{escape(company)}</strong>.</p>
<form method="post" action="/connect/oauth2" class="bar">{hidden}
<button class="main" name="decision" value="approve">Approve</button>
<button name="decision" value="deny">Deny</button>
</form>""",
    )


def refusal_page(problem: str) -> str:
    return bare_page("This cannot be connected", f"<p>{escape(problem)}</p>")
