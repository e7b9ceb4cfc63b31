"""The simulated books, and what else the fault tests ask of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests import books
from tests.faults.plan import TIMEOUT


class Books(books.Books):
    """Also makes new objects over there, and counts the faults that came to pass."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._set: list[Mapping[str, Any]] = []
        self.injected: Counter[str] = Counter()

    def begin(self, *, refuses_reused_ids: bool) -> None:
        """Empty books. What is still under way for the former ones is not let in any more."""
        self.disconnect()
        self.set_faults()
        answer = "yes" if refuses_reused_ids else "no"
        path = f"/_simulator/reset?refuse-reused-request-ids={answer}"
        self._http.request("POST", self.address + path)
        self.injected = Counter()

    def make(self, entity: str, **fields: str) -> None:
        """Through the page for new objects; AssertionError when it is refused."""
        response = self._http.request_encode_body(
            "POST",
            f"{self.address}/books/{entity.lower()}/new",
            fields=fields,
            encode_multipart=False,
            redirect=False,
        )
        assert response.status in {302, 303}, response.data.decode()

    def plan(self, faults: Sequence[dict[str, Any]]) -> None:
        """Replaces the faults in force, and remembers which of the former ones happened."""
        self._note_injected()
        self._set = list(faults)
        self.set_faults(*faults)

    def disconnect(self) -> None:
        self._http.request("POST", self.address + "/_simulator/disconnect")

    def _note_injected(self) -> None:
        """A rule counts its times down and goes when none is left; what was left did not happen."""
        left = [(each["fault"], each["path"], each["times"]) for each in self._listed()]
        for fault in self._set:
            path, times = fault.get("match", {}).get("path", ""), fault.get("times", 1)
            mine = next((e for e in left if e[:2] == (fault["fault"], path)), None)
            if mine:
                left.remove(mine)
            self.injected[_named(fault)] += times - (mine[2] if mine else 0)

    def _listed(self) -> list[dict[str, Any]]:
        return self._json("GET", "/_simulator/faults")


def _named(fault: Mapping[str, Any]) -> str:
    """For the table: "status 503 after commit", "latency before commit"."""
    if fault["fault"] == "latency" and fault["seconds"] > TIMEOUT:
        return "carried out after our time-out"
    words = [fault["fault"], fault.get("status", ""), _when(fault)]
    if fault.get("status") == 429:
        words.append("with Retry-After" if fault["headers"] else "without Retry-After")
    return " ".join(str(word) for word in words if word != "")


def _when(fault: Mapping[str, Any]) -> str:
    return f"{fault['when']} commit" if "when" in fault else ""
