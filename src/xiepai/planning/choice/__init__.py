"""Choose one option for each need so that nothing clashes: ``Problem`` → :func:`solve` → ``Result``.

What is wanted, in this order (a later aim never costs an earlier one):

1. needs met, counted for each priority from the highest down;
2. money: the prices of what is chosen plus ``move_fen`` for every move (a further site on the same day);
3. preference: the sum of the options' own scores.

Refuses: options that clash with themselves, unknown leaves, amounts that are not whole. Nothing here knows
what a place is: leaves, sites and keys are opaque, times are whole minutes from an origin the caller keeps.
"""

from xiepai.planning.choice.model import (
    Leaf,
    Level,
    Limits,
    Need,
    Option,
    Problem,
    Result,
    Status,
    Use,
)
from xiepai.planning.choice.solving import solve

__all__ = ["Leaf", "Level", "Limits", "Need", "Option", "Problem", "Result", "Status", "Use", "solve"]
