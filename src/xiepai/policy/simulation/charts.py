"""Two pictures of a simulation: how awards spread, and how the money goes as cases come in. SVG or PNG.

Set in the Chinese face the house ships; the status of the policy and how the population was drawn stand in the picture,
so that it says what it is when it travels alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pylopdf_fonts_zh_cn import sans_path

from xiepai.policy.messages import word
from xiepai.policy.simulation.run import Simulation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, PALE, RED, BLUE, GREY = "#1f2933", "#d8dee6", "#c2410c", "#1d4f91", "#7b8794"
WORDS = {
    "spread": ("奖励金额分布", "How awards spread"),
    "money": ("资金随申报的变化", "Money as cases come in"),
    "yuan": ("元（对数刻度）", "yuan (logarithmic)"),
    "cases": ("件数", "cases"),
    "asked": ("各项合计（限额之前）", "All measures, before limits"),
    "paid": ("实际支付", "Paid"),
    "budget": ("预算", "Budget"),
    "coming": ("累计申报件数", "Cases so far"),
    "amount": ("元", "yuan"),
    "class": ("类别", "Class"),
    "none": ("没有奖励", "No award in any case"),
}


def draw_charts(found: Simulation, path: Path, language: str = "zh") -> None:
    """Both pictures side by side into one file; its ending (.svg or .png) says which kind."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties, fontManager

    fontManager.addfont(str(sans_path()))
    family = FontProperties(fname=str(sans_path())).get_name()
    style: Any = {"font.family": family, "axes.unicode_minus": False, "svg.fonttype": "path", "svg.hashsalt": "xiepai"}
    with mpl.rc_context(style):
        classes = bool(found.classes)
        figure = Figure(figsize=(6.4 if classes else 11.5, 4.8), dpi=144, facecolor="white")
        figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.1)
        FigureCanvasAgg(figure)
        axes: Any = figure.subplots(1, 1 if classes else 2, squeeze=False)[0]
        if classes:
            _classes(axes[0], found, language)
        else:
            _spread(axes[0], found, language)
            _money(axes[1], found, language)
        figure.suptitle(_heading(found, language), color=INK, fontsize=12, x=0.01, ha="left")
        kind = path.suffix.lower().removeprefix(".") or "svg"
        figure.savefig(path, format=kind, metadata={"Date": None} if kind == "svg" else None)


def _word(name: str, language: str) -> str:
    return WORDS[name][language == "en"]


def _heading(found: Simulation, language: str) -> str:
    title = found.title.split(" / ")[-1 if language == "en" else 0]
    count = f"{found.rows:,} {'cases' if language == 'en' else '件'}"
    return f"{title} · {word(found.status, language)}\n{count}{' · ' + found.drawn if found.drawn else ''}"


def _dress(axes: Axes, title: str, across: str, up: str) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.set_xlabel(across, color=GREY)
    axes.set_ylabel(up, color=GREY)
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(colors=GREY, labelsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:,.0f}"))


def _spread(axes: Axes, found: Simulation, language: str) -> None:
    from matplotlib.ticker import FuncFormatter

    amounts = found.awards[found.awards > 0] / 100
    _dress(axes, _word("spread", language), _word("yuan", language), _word("cases", language))
    if not len(amounts):
        axes.text(0.5, 0.5, _word("none", language), ha="center", transform=axes.transAxes, color=GREY)
        return
    low, high = max(amounts.min(), 0.01), amounts.max()
    edges = np.geomspace(low, max(high, low * 10), 41)
    edges[-1] = max(high, low * 10) * (1 + 1e-9)
    axes.hist(amounts, bins=edges.tolist(), color=BLUE, edgecolor="white", linewidth=0.4)
    axes.set_xscale("log")
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: short(value, language)))


def short(yuan: float, language: str) -> str:
    """An amount on an axis.

    >>> short(1_000_000, "zh"), short(1_000_000, "en"), short(0.1, "zh")
    ('100万', '1M', '0.1')
    """
    scales = ((1e8, "亿"), (1e4, "万")) if language != "en" else ((1e9, "B"), (1e6, "M"), (1e3, "k"))
    for scale, name in scales:
        if yuan >= scale * (1 - 1e-9):
            return f"{yuan / scale:,.5g}{name}"
    return f"{yuan:,.5g}"


def _money(axes: Axes, found: Simulation, language: str) -> None:
    from matplotlib.ticker import FuncFormatter

    curve = found.curve
    lines = (("asked", curve.asked, GREY, "--"), ("paid", curve.paid, BLUE, "-"))
    _dress(axes, _word("money", language), _word("coming", language), _word("amount", language))
    for name, fen, colour, dashes in lines:
        amounts = [amount / 100 for amount in fen]
        axes.plot(curve.cases, amounts, dashes, color=colour, label=_word(name, language), linewidth=1.8)
    budgets = [step for step in found.steps if step.what == "budget" and step.limit_fen]
    for step in budgets:
        label = f"{_word('budget', language)} {step.clause}".strip()
        axes.axhline((step.limit_fen or 0) / 100, color=RED, linewidth=1.2, label=label)
    most = 3 * max((step.limit_fen or 0 for step in budgets), default=0) / 100
    # What is asked may leave the picture; a budget far below it would else lie on the floor.
    axes.set_ylim(0, most if budgets and curve.asked[-1] / 100 > most else None)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:,.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: short(value, language)))
    axes.legend(frameon=False, fontsize=9, labelcolor=INK, loc="best")


def _classes(axes: Axes, found: Simulation, language: str) -> None:
    names, counts = zip(*found.classes, strict=True)
    _dress(axes, _word("class", language), "", _word("cases", language))
    axes.bar(names, counts, color=BLUE, width=0.6)
