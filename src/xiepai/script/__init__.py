"""Scripts: from the file a writer sends to scenes a plan can be made of.

Always: every scene points at its line and says how sure it is and why. Never: a value nobody wrote, a traceback for
a strange file, a format guessed at that cannot be read well. See ``docs/script.md``.

>>> found = read_script(
...     "第一集\\n1-1 日 内 苏家客厅\\n人物：苏晚、陆沉\\n△苏晚推门。\\n苏晚（笑）：我回来了。".encode(), "一.txt"
... )
>>> scene = found.scenes[0]
>>> scene.key, scene.time.value, scene.side.value, scene.place, scene.cast, scene.confidence
('1-1', 'day', 'in', ('苏家客厅',), ('苏晚', '陆沉'), 100)
"""

from xiepai.script.breaking import breakdown
from xiepai.script.lengths import Pace
from xiepai.script.messages import Code, Problem, ScriptError
from xiepai.script.reading import read
from xiepai.script.scenes import Breakdown, Found, Mark, Paragraph, Part, Scene, Side, Time
from xiepai.script.source import READABLE, Format, Source

__all__ = [
    "READABLE",
    "Breakdown",
    "Code",
    "Format",
    "Found",
    "Mark",
    "Pace",
    "Paragraph",
    "Part",
    "Problem",
    "Scene",
    "ScriptError",
    "Side",
    "Source",
    "Time",
    "breakdown",
    "read",
    "read_script",
]


def read_script(data: bytes, name: str = "", pace: Pace | None = None) -> Breakdown:
    """Read a file and find its scenes. Raises :class:`ScriptError`, nothing else."""
    return breakdown(read(data, name), pace or Pace())
