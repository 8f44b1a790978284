"""The states of an application: every state is placed, and every state can be reached from a draft."""

from __future__ import annotations

from xiepai.grants.states import AWARDED, NEXT, OPEN, WRITABLE, ApplicationState, may_follow


def test_every_state_is_placed_and_reachable() -> None:
    assert set(NEXT) == set(ApplicationState)
    reached, todo = set(), [ApplicationState.DRAFT]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += NEXT[state]
    assert reached == set(ApplicationState)


def test_the_ends_are_ends_and_the_groups_are_apart() -> None:
    assert [state for state in NEXT if not NEXT[state]] == [ApplicationState.WITHDRAWN, ApplicationState.RECOVERED]
    assert not set(OPEN) & set(AWARDED)
    assert ApplicationState.PAID not in WRITABLE
    assert not may_follow(ApplicationState.DRAFT, ApplicationState.PAID)
