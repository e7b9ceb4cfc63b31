"""The one way of every request: faults, then the part of the server it is for."""

from __future__ import annotations

import traceback

from simulators.quickbooks_online import faults as fault_rules
from simulators.quickbooks_online import inspection, oauth
from simulators.quickbooks_online.api import routes as api
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import Reply, Request, json_reply
from simulators.quickbooks_online.pages import routes as pages
from simulators.quickbooks_online.refusal import Problem, Refusal
from simulators.quickbooks_online.throttle import Throttle

OAUTH = {
    ("GET", "/connect/oauth2"): oauth.authorize,
    ("POST", "/connect/oauth2"): oauth.decide,
    ("POST", "/oauth2/v1/tokens/bearer"): oauth.token,
    ("POST", "/v2/oauth2/tokens/revoke"): oauth.revoke,
    ("GET", "/v1/openid_connect/userinfo"): oauth.user_info,
    ("GET", "/op/v1/jwks"): oauth.keys,
    ("GET", "/.well-known/openid_configuration"): oauth.discovery,
    ("GET", "/.well-known/openid_sandbox_configuration"): oauth.discovery,
}


class Site:
    """Everything the server answers, for one company."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.faults = fault_rules.Faults()
        self.throttle = Throttle() if company.settings.rate_limits else None

    def answer(self, request: Request) -> Reply:
        """Faults surround the vendor's part only: what tests steer by stays reliable."""
        try:
            if request.path.startswith("/_simulator/"):
                return self._steer(request)
            due = self.faults.take(request)
            return fault_rules.passed_through(self.company, due, lambda: self._carry_out(request))
        except Exception:  # noqa: BLE001 - the edge of one request: the server goes on
            traceback.print_exc()
            return json_reply(Refusal(Problem("10000", "Internal"), status=500).fault(), 500)

    def _steer(self, request: Request) -> Reply:
        if is_from_elsewhere(request):
            return json_reply({"error": "Requests of other sites are refused."}, 403)
        return inspection.answer(self.company, self.faults, request)

    def _carry_out(self, request: Request) -> Reply:
        refused = self.throttle.refuse(request) if self.throttle else None
        if refused:
            return refused
        handler = OAUTH.get((request.method, request.path))
        if handler:
            return handler(self.company, request)
        if request.path.startswith("/v3/company/"):
            return api.answer(self.company, request)
        if request.method == "POST" and is_from_elsewhere(request):
            return json_reply({"error": "Requests of other sites are refused."}, 403)
        return pages.answer(self.company, request)


def is_from_elsewhere(request: Request) -> bool:
    """A browser says when another site's page makes it ask."""
    return request.headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
