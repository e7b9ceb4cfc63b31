"""Agreed, ours, theirs: every case of one field, and then all of them at random."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobs.merge import Policy, changed_fields, merge


def merged(agreed: object, ours: object, theirs: object, policy: Policy = Policy.ASK):
    return merge(
        agreed_ours={"f": agreed},
        agreed_theirs={"f": agreed},
        ours={"f": ours},
        theirs={"f": theirs},
        default=policy,
    )


def test_nothing_changed_does_nothing() -> None:
    outcome = merged("a", "a", "a")
    assert (outcome.take, outcome.send, outcome.conflicts) == ({}, set(), set())


def test_only_theirs_changed_is_taken() -> None:
    assert merged("a", "a", "b").take == {"f": "b"}


def test_only_ours_changed_is_sent() -> None:
    assert merged("a", "b", "a").send == {"f"}


def test_both_to_the_same_is_fine() -> None:
    outcome = merged("a", "b", "b")
    assert (outcome.take, outcome.send, outcome.conflicts) == ({}, set(), set())


def test_both_differently_is_what_the_policy_says() -> None:
    assert merged("a", "b", "c").conflicts == {"f"}
    assert merged("a", "b", "c", Policy.OURS).send == {"f"}
    assert merged("a", "b", "c", Policy.THEIRS).take == {"f": "c"}


def test_what_the_provider_normalized_is_no_change() -> None:
    outcome = merge(
        agreed_ours={"name": "  Chai "},
        agreed_theirs={"name": "Chai"},
        ours={"name": "  Chai "},
        theirs={"name": "Chai"},
    )
    assert outcome == merge(agreed_ours={}, agreed_theirs={}, ours={}, theirs={})


def test_an_empty_field_of_a_newer_version_is_no_change() -> None:
    assert changed_fields({"name": "a"}, {"name": "a", "fax": ""}) == set()
    assert changed_fields({"name": "a"}, {"name": "a", "fax": "1"}) == {"fax"}


values = st.sampled_from(["", "a", "b", "c"])
documents = st.fixed_dictionaries({"x": values, "y": values})


@given(documents, documents, documents, st.sampled_from(Policy))
def test_no_edit_is_lost_and_nothing_is_invented(agreed, ours, theirs, policy: Policy) -> None:
    outcome = merge(
        agreed_ours=agreed, agreed_theirs=agreed, ours=ours, theirs=theirs, default=policy
    )
    for name in ("x", "y"):
        here, there = ours[name] != agreed[name], theirs[name] != agreed[name]
        if here and there and ours[name] != theirs[name]:
            places = [name in outcome.take, name in outcome.send, name in outcome.conflicts]
            assert places.count(True) == 1
        else:
            assert (name in outcome.take) == (there and not here)
            assert (name in outcome.send) == (here and not there)
            assert name not in outcome.conflicts
