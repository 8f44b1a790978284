"""Order scenes so that paid people wait least: ``Problem`` → :func:`solve` → ``Result``.

An actor is paid from the first scene of theirs to the last, waiting included; what can be saved is the waiting. This
is the talent scheduling problem of the literature (Cheng, Diamond & Lin 1993; CSPLib 39) and the kernel of a shooting
plan. ``docs/planning.md`` explains how it is solved and why an answer called optimal is one.

Nothing here knows days, sets or light: keys are opaque, a duration is whole units of time, a cost is whole money for
one such unit. Refuses: durations that are not positive, negative costs, people nobody named.
"""

from xiepai.planning.talent.model import Actor, Limits, Problem, Progress, Result, Scene, Status
from xiepai.planning.talent.solving import ENGINES, solve, warm_up

__all__ = ["ENGINES", "Actor", "Limits", "Problem", "Progress", "Result", "Scene", "Status", "solve", "warm_up"]
