"""Which of two lists of names belong together, and how sure that is."""

from __future__ import annotations

import pytest

from jobs.pairing import Pair, Side, loose_key, pair


def side(name: str, **telling: str) -> Side:
    return Side(name, name, telling)


def one(ours: Side, theirs: Side) -> Pair:
    [found] = pair([ours], [theirs])
    return found


def test_the_same_name_is_exact() -> None:
    assert one(side("Chai"), side("Chai")).is_exact


def test_a_name_in_other_letters_needs_a_look() -> None:
    found = one(side("CHAI"), side("Chai"))
    assert not found.is_exact
    assert "capitals" in found.why


def test_the_same_name_with_another_number_needs_a_look() -> None:
    found = one(side("Chai", sku="A"), side("Chai", sku="B"))
    assert not found.is_exact
    assert "another SKU" in found.why


def test_another_address_does_not_speak_against_the_same_name() -> None:
    assert one(side("Chai", email="a@b.example"), side("Chai", email="c@d.example")).is_exact


def test_equal_numbers_propose_a_pair_of_other_names() -> None:
    found = one(side("Chai", sku="A-1"), side("Tea", sku="a-1"))
    assert (found.is_exact, found.why) == (False, "Equal SKU")


def test_what_a_person_would_take_for_the_same_name_is_proposed() -> None:
    assert loose_key("Berglunds snabbköp, Inc.") == loose_key("BERGLUNDS SNABBKOP")
    assert loose_key("Smith & Sons") == loose_key("Smith and Sons Ltd")
    assert loose_key("Inc") == "inc"
    assert one(side("Smith & Sons"), side("Smith and Sons Ltd")).why == "Similar name"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Ernst Handel", "Ernst Hnadel"),
        ("Ernst Handel", "Ernst Handl"),
        ("Ernst Handel Inc", "Ernest Handel"),
        ("Königlich Essen", "Koniglich Eszen"),
    ],
)
def test_a_misspelt_name_is_proposed(ours: str, theirs: str) -> None:
    found = one(side(ours), side(theirs))
    assert (found.is_exact, found.why) == (False, "The name differs in a letter or two")


def test_the_same_words_in_another_order_are_proposed() -> None:
    assert one(side("Hanna Moos"), side("Moos, Hanna")).why == "Same words, other order"


@pytest.mark.parametrize(
    ("ours", "theirs"), [("Store 1", "Store 2"), ("Chai", "Chaj"), ("Alfreds", "Albert")]
)
def test_what_may_well_be_another_is_not_proposed(ours: str, theirs: str) -> None:
    assert all(
        found.ours is None or found.theirs is None for found in pair([side(ours)], [side(theirs)])
    )


def test_a_misspelt_name_is_proposed_once() -> None:
    found = pair([side("Ernst Handel")], [side("Ernst Handl"), side("Ernst Hendel")])
    assert [(p.ours is not None, p.theirs and p.theirs.key) for p in found] == [
        (True, "Ernst Handl"),
        (False, "Ernst Hendel"),
    ]


def test_several_of_one_name_are_never_exact() -> None:
    ours = [Side(1, "Chai"), Side(2, "Chai")]
    found = pair(ours, [Side("a", "Chai")])
    assert [(p.ours and p.ours.key, p.theirs and p.theirs.key) for p in found] == [
        (1, "a"),
        (2, None),
    ]
    assert not found[0].is_exact
    assert "2 here, 1 there" in found[0].why


def test_everything_is_in_one_pair_exactly() -> None:
    ours = [side(name) for name in ("Chai", "Tea", "Only here")]
    theirs = [side(name) for name in ("chai", "TEA", "Only there", "")]
    found = pair(ours, theirs)
    assert sorted(p.ours.name for p in found if p.ours) == ["Chai", "Only here", "Tea"]
    assert sorted(p.theirs.name for p in found if p.theirs) == ["", "Only there", "TEA", "chai"]
