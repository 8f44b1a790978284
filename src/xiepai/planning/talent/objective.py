"""What an order costs: plain Python from the problem and the keys, sharing nothing with any engine."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from xiepai.planning.talent.model import Problem


class CheckError(AssertionError):
    """An engine's answer does not hold, or is not worth what the engine says."""


def cost(problem: Problem, order: Sequence[Hashable]) -> int:
    """Everybody's pay from the start of their first scene to the end of their last.

    >>> from xiepai.planning.talent import Actor, Scene
    >>> scenes = (Scene("a", 1, frozenset("XY")), Scene("b", 2, frozenset("Y")), Scene("c", 1, frozenset("X")))
    >>> problem = Problem(scenes, (Actor("X", 10), Actor("Y", 1)))
    >>> cost(problem, "abc"), cost(problem, "bac")
    (43, 23)

    Raises :class:`CheckError` when a scene is missing, unknown or shot twice.
    """
    scenes = {scene.key: scene for scene in problem.scenes}
    if len(order) != len(scenes) or set(order) != set(scenes):
        raise CheckError("an order names every scene exactly once")
    arrives: dict[Hashable, int] = {}
    leaves: dict[Hashable, int] = {}
    clock = 0
    for key in order:
        for person in scenes[key].cast:
            arrives.setdefault(person, clock)
            leaves[person] = clock + scenes[key].duration
        clock += scenes[key].duration
    return sum(actor.cost * (leaves[actor.key] - arrives[actor.key]) for actor in problem.actors if actor.key in leaves)


def pay_at_work(problem: Problem) -> int:
    """What is paid in any order: everybody's own scenes."""
    rates = {actor.key: actor.cost for actor in problem.actors}
    return sum(scene.duration * rates[person] for scene in problem.scenes for person in scene.cast)
