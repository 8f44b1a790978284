"""Why a scene stands on its day: what every other day would cost more, or which rule forbids it.

Only what stands on the board takes part; the answer tries one scene at a time and plans nothing anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.planning import shoot
from xiepai.planning.shoot import words
from xiepai.planning.shoot.explaining import Alternative
from xiepai.planning.shoot.explaining import why as ask_why
from xiepai.shoots import reckoning
from xiepai.shoots.models import Strip
from xiepai.shoots.problems import Asked, problem_of, read_board


@dataclass(frozen=True, slots=True)
class Answer:
    """Another day: what it costs more by term (fen), or why not."""

    day: date
    more_fen: int | None
    more: dict[str, int]
    reasons: tuple[str, ...]


def why(strip: Strip, language: str) -> list[Answer]:
    """For every other day. Raises ``INVALID`` for a strip in the boneyard or without a scene to shoot."""
    board = read_board(strip.plan)
    asked = problem_of(board)
    found = reckoning.placements(board, asked)
    problem = _only(asked.problem, {each.scene for each in found})
    plan = shoot.Plan.of(found)
    if str(strip.scene_id) not in plan.by_scene():
        raise XiepaiError(ErrorCode.INVALID, detail=_("这一场还没有排上日子。"))
    settled = tuple(each for each in plan.placements if problem.days[each.day].holds(each.unit))
    problem = replace(problem, fixed=settled)
    return [_answer(asked, each, language) for each in ask_why(problem, plan, str(strip.scene_id))]


def _said(asked: Asked, one: shoot.Violation, language: str) -> str:
    if one.rule is shoot.Rule.MISSING:
        return _("这一天没有放得下这一场的空当。")
    return words.violation(asked.problem, reckoning.named(asked, one), language)


def _only(problem: shoot.Problem, scenes: set[str]) -> shoot.Problem:
    return replace(
        problem,
        scenes=tuple(each for each in problem.scenes if each.id in scenes),
        wishes=tuple(kept for each in problem.wishes if (kept := _of_scenes(each, scenes)) is not None),
        locks=(),
        fixed=(),
    )


def _of_scenes(wish: shoot.Wish, scenes: set[str]) -> shoot.Wish | None:
    """What is left of a wish: one about days judges each scene alone."""
    mine = tuple(each for each in wish.scenes if each in scenes)
    if wish.kind.is_about_days:
        return replace(wish, scenes=mine) if mine else None
    return wish if mine == wish.scenes else None


def _answer(asked: Asked, each: Alternative, language: str) -> Answer:
    problem = asked.problem
    said = (_said(asked, one, language) for one in each.forbidden[:4])
    return Answer(problem.days[each.day].date, each.more_fen, each.more, tuple(dict.fromkeys(said)))
