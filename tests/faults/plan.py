"""What happens in one history, drawn from its seed: who edits what, and what goes wrong when."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

# The named steps of jobs/steps.py; those of settling need an answer that never came.
STEPS = (
    "export.claimed",
    "export.written",
    "export.sending",
    "export.sent",
    "export.stored",
    "export.applied",
    "settle.looked_up",
    "settle.resending",
    "settle.stored",
    "import.read",
    "import.applied",
    "import.moved",
    "finish",
    "finished",
)
WRITES = {"method": "POST", "path": "/batch"}
READS = {"path": "/query"}
FEED = {"path": "/cdc"}
TOKENS = {"path": "/oauth2/v1/tokens/bearer"}
TOKEN_EXPIRED = (
    '{"fault": {"type": "AUTHENTICATION", "error": [{"code": "3200", "detail": "Token expired"}]}}'
)
# What the settings call the provider's time-out, in seconds; a late commit comes after it.
TIMEOUT = 1.0

OUR_EDITS = {
    "new_customer": 3,
    "new_item": 2,
    "new_invoice": 5,
    "new_draft": 1,
    "new_payment": 3,
    "new_credit_memo": 1,
    "new_bill": 1,
    "new_vendor_credit": 1,
    "edit_customer": 4,
    "edit_item": 2,
    "edit_invoice": 4,
    "edit_lines": 2,
    "edit_payment": 1,
    "edit_vendor": 1,
    "edit_other": 2,
    "delete_other": 1,
    "issue": 2,
    "void": 2,
    "delete_invoice": 1,
    "delete_payment": 1,
    "delete_customer": 1,
    "bulk": 2,
}
THEIR_EDITS = {
    "rename_customer": 2,
    "contact_customer": 4,
    "contact_vendor": 1,
    "price_item": 2,
    "new_customer": 1,
    "pay_invoice": 1,
    "namesake": 1,
    "delete_invoice": 1,
    "void_invoice": 1,
}
# Each of these may happen while a job is under way.
EVENTS = {
    "flush_redis": 2,
    "restart_postgres": 2,
    "kill_process": 3,
    "kill_worker": 1,
    "end_worker": 1,
    "ring_twice": 3,
    "reconcile": 1,
    "press_again": 2,
    "cancel": 1,
    "expire_token": 2,
    "revoke_token": 2,
    "disconnect": 1,
}


@dataclass(frozen=True)
class Act:
    """One deed; `seed` decides what it touches. `side`: ours, theirs, event."""

    side: str
    what: str
    seed: int
    wait: float = 0.0


@dataclass(frozen=True)
class Order:
    """KILL or STOP at a step. A stopped process sleeps so long, while `edits` are made."""

    what: str
    step: str
    times: int = 1
    sleep: float = 0.0
    edits: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Episode:
    """Edits, then the button, and what goes wrong from then on."""

    before: tuple[Act, ...]
    faults: tuple[dict[str, Any], ...]
    orders: tuple[Order, ...]
    presses: int
    during: tuple[Act, ...]


@dataclass(frozen=True)
class History:
    seed: int
    clock: float
    first: tuple[Act, ...]
    episodes: tuple[Episode, ...]
    # What the books answer to "same id, other body": an error, or the answer of the first.
    refuses_reused_ids: bool


def draw(seed: int) -> History:
    """Always the same history for the same seed."""
    dice = random.Random(f"history {seed}")
    # A copy that may arrive late rules out what makes us send a second one under another key:
    # see docs/faults.md.
    has_late_copies = dice.random() < 0.25
    first = _acts(dice, "ours", {"many": 1}, int(dice.random() < 0.15))
    first += _acts(dice, "ours", {"new_customer": 1, "new_item": 1}, 5)
    first += _acts(dice, "ours", {"new_invoice": 3, "new_customer": 1}, 4)
    return History(
        seed=seed,
        clock=dice.choice([0.0] * 4 + [3600.0, -3600.0, 90.0, -90.0]),
        first=tuple(first),
        episodes=tuple(
            _episode(dice, has_late_copies=has_late_copies) for _ in range(dice.randint(1, 2))
        ),
        refuses_reused_ids=random.Random(f"books {seed}").random() < 0.5,
    )


def _episode(dice: random.Random, *, has_late_copies: bool) -> Episode:
    orders = _orders(dice, has_late_copies=has_late_copies)
    faults = [draw_fault(dice, has_late_copies=has_late_copies) for _ in range(dice.randint(0, 3))]
    if any(order.step.startswith("settle") for order in orders):
        kind = dice.choice(["cut_after", "cut_before", "truncate"])
        faults.insert(0, {"fault": kind, "match": WRITES, "times": 1})
    during = _acts(dice, "ours", OUR_EDITS, dice.randint(0, 4), wait=0.4)
    during += _acts(dice, "theirs", THEIR_EDITS, dice.randint(0, 2), wait=0.4)
    events = EVENTS | ({"stop_process": 4} if has_late_copies else {})
    during += _acts(dice, "event", events, dice.choice([0, 0, 1, 1, 2]), wait=0.4)
    dice.shuffle(during)
    before = _acts(dice, "ours", OUR_EDITS, dice.randint(2, 7))
    before += _acts(dice, "theirs", THEIR_EDITS, dice.randint(0, 2))
    dice.shuffle(before)
    return Episode(tuple(before), tuple(faults), orders, dice.choice([1, 1, 2]), tuple(during))


def _acts(
    dice: random.Random, side: str, weights: dict[str, int], count: int, wait: float = 0.0
) -> list[Act]:
    chosen = dice.choices(list(weights), weights=list(weights.values()), k=count)
    return [
        Act(side, what, dice.getrandbits(32), round(dice.random() * wait, 2)) for what in chosen
    ]


def _orders(dice: random.Random, *, has_late_copies: bool) -> tuple[Order, ...]:
    orders = []
    if dice.random() < 0.6:
        orders.append(Order("KILL", dice.choice(STEPS), dice.choice([1, 1, 1, 2])))
    if dice.random() < 0.35:
        sleep = dice.choice([0.3, 0.3, 4.0])
        steps = [s for s in STEPS if s != "export.sending" or has_late_copies or sleep < 1]
        edits = _acts(dice, "ours", OUR_EDITS, dice.randint(1, 3))
        edits += _acts(dice, "theirs", THEIR_EDITS, dice.randint(0, 1))
        orders.append(Order("STOP", dice.choice(steps), 1, sleep, tuple(edits)))
    return tuple(orders)


def draw_fault(dice: random.Random, *, has_late_copies: bool) -> dict[str, Any]:
    """One rule of the simulator's faults."""
    makers = [_slow, _cut, _read_trouble, _token_trouble]
    makers += [_late] * 2 if has_late_copies else [_server_error, _throttled, _refused, _forgetful]
    return dice.choice(makers)(dice)


def _slow(dice: random.Random) -> dict[str, Any]:
    when = dice.choice(["before", "after"])
    return _some(dice, "latency", WRITES, seconds=round(dice.uniform(0.1, 0.6), 2), when=when)


def _late(dice: random.Random) -> dict[str, Any]:
    """Carried out when we have given up on it."""
    return _some(dice, "latency", WRITES, seconds=TIMEOUT + dice.choice([0.5, 1.5]), when="before")


def _cut(dice: random.Random) -> dict[str, Any]:
    return _some(dice, dice.choice(["cut_before", "cut_after", "truncate"]), WRITES)


def _server_error(dice: random.Random) -> dict[str, Any]:
    status = dice.choice([500, 502, 503, 504])
    return _some(dice, "status", WRITES, status=status, when=dice.choice(["before", "after"]))


def _throttled(dice: random.Random) -> dict[str, Any]:
    headers = dice.choice([{}, {"Retry-After": "1"}])
    return _some(dice, "status", dice.choice([WRITES, READS]), status=429, headers=headers)


def _refused(dice: random.Random) -> dict[str, Any]:
    match = dice.choice([WRITES, READS, FEED])
    return _some(dice, "status", match, status=401, body=TOKEN_EXPIRED, most=1)


def _forgetful(dice: random.Random) -> dict[str, Any]:
    return _some(dice, "forget_request_ids", WRITES)


def _read_trouble(dice: random.Random) -> dict[str, Any]:
    kind = dice.choice(["cut_before", "truncate", "status"])
    extra = {"status": 503} if kind == "status" else {}
    return _some(dice, kind, dice.choice([READS, FEED]), **extra)


def _token_trouble(dice: random.Random) -> dict[str, Any]:
    kind = dice.choice(["cut_before", "cut_after", "status"])
    return _some(dice, kind, TOKENS, **({"status": 503} if kind == "status" else {}))


def _some(
    dice: random.Random, kind: str, match: dict[str, str], *, most: int = 2, **extra: Any
) -> dict[str, Any]:
    times, skip = dice.randint(1, most), dice.choice([0, 0, 0, 1, 2])
    return {"fault": kind, "match": match, "times": times, "skip": skip, **extra}
