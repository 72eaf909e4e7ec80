"""Precision against recall, and what the probabilities say against what is, as pictures for people.

Needs matplotlib, which is in the extra `curves`. The same figures give the same bytes.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from nlp.evaluate import SEED, Judged
from nlp.metrics import reliability
from nlp.resample import draws, interval, numbered, precisions_at, undrawn

Theme = Mapping[str, str]

# The colours of the console, for pages of either kind.
THEMES: Mapping[str, Theme] = {
    "light": {"paper": "#ffffff", "ink": "#17213b", "line": "#d5dae5", "curve": "#2f5fbf", "mark": "#b26a00"},
    "dark": {"paper": "#0d1426", "ink": "#e2e7f2", "line": "#2a3655", "curve": "#8fb4ff", "mark": "#f4b95f"},
}
_RECALLS = np.linspace(0.005, 1, 200)
_INCHES = 4.2


def draw(sets: Mapping[str, Judged], folder: Path) -> list[Path]:
    """precision-recall-THEME.svg and reliability-THEME.svg in the folder, a panel for each set that holds both labels.

    Raises: OSError: the folder can't be made or written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mixed = {name: judged for name, judged in sets.items() if 0 < judged.labels.sum() < len(judged.labels)}
    pictures: Mapping[str, Callable[[Axes, Judged, Theme], None]] = {
        "precision-recall": _precision_recall,
        "reliability": _reliability,
    }
    written = []
    for name, panel in pictures.items() if mixed else ():
        for theme, colours in THEMES.items():
            written.append(folder / f"{name}-{theme}.svg")
            _picture(mixed, panel, colours, written[-1])
    return written


def _picture(
    sets: Mapping[str, Judged], panel: Callable[[Axes, Judged, Theme], None], theme: Theme, file: Path
) -> None:
    with mpl.rc_context({**_style(theme), "svg.hashsalt": file.stem}):
        figure = Figure(figsize=(_INCHES * len(sets), _INCHES), layout="constrained")
        for (name, judged), axes in zip(sets.items(), np.ravel(figure.subplots(1, len(sets))), strict=True):
            axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.07), aspect="equal")
            axes.set_title(f"{name}\n{len(judged.labels)} texts, {int(judged.labels.sum())} alerting", fontsize=10)
            panel(axes, judged, theme)
        figure.savefig(file, metadata={"Date": None, "Creator": None})


def _style(theme: Theme) -> dict[RcKeyType, Any]:
    return {
        "axes.edgecolor": theme["line"],
        "axes.facecolor": theme["paper"],
        "axes.grid": True,
        "axes.labelcolor": theme["ink"],
        "figure.constrained_layout.h_pad": 0.12,
        "figure.constrained_layout.w_pad": 0.12,
        "figure.facecolor": theme["paper"],
        "font.size": 9,
        "grid.color": theme["line"],
        "legend.edgecolor": theme["paper"],
        "legend.facecolor": theme["paper"],
        "svg.fonttype": "none",
        "text.color": theme["ink"],
        "xtick.color": theme["ink"],
        "ytick.color": theme["ink"],
    }


def _precision_recall(axes: Axes, judged: Judged, theme: Theme) -> None:
    """The curve, the middle 95 % of its bootstrap draws, and the model's threshold."""
    groups = numbered(judged.groups, len(judged.labels))
    curve = precisions_at(undrawn(judged.labels, judged.scores), _RECALLS)[0]
    drawn = np.concatenate(
        [precisions_at(part, _RECALLS) for part in draws(judged.labels, judged.scores, groups, SEED)]
    )
    bands = [interval(column, groups) for column in drawn.T]
    if None not in bands:
        low, high = np.array(bands, dtype=np.float64).T
        axes.fill_between(_RECALLS, low, high, color=theme["curve"], alpha=0.25, linewidth=0, label="95 % of draws")
    axes.plot(_RECALLS, curve, color=theme["curve"], linewidth=2, label=judged.model)
    hits = int((judged.flagged & (judged.labels == 1)).sum())
    if judged.flagged.any():
        at = hits / int(judged.labels.sum()), hits / int(judged.flagged.sum())
        axes.plot(
            *at, "D", color=theme["mark"], markersize=8, label=f"threshold {judged.threshold:.3f}", linestyle="none"
        )
    share = float(judged.labels.mean())
    axes.axhline(share, color=theme["ink"], linewidth=1, linestyle=":", label="by chance")
    axes.set(xlabel="recall", ylabel="precision")
    axes.legend(loc="lower left")


def _reliability(axes: Axes, judged: Judged, theme: Theme) -> None:
    """What share alerts of the texts that were given about one probability, with the count of these texts."""
    axes.plot((0, 1), (0, 1), color=theme["ink"], linewidth=1, linestyle=":", label="as said")
    axes.axvline(
        judged.threshold, color=theme["mark"], linewidth=1.5, linestyle="--", label=f"threshold {judged.threshold:.3f}"
    )
    bins = reliability(judged.labels, judged.scores, judged.groups)
    said, alerting = (np.array([found[name] for found in bins]) for name in ("said", "alerting"))
    low, high = np.array([found["alerting_95"] for found in bins]).T
    # an interval of shares near 0 or 1 ends beside the share by a rounding error
    axes.errorbar(
        said,
        alerting,
        np.maximum((alerting - low, high - alerting), 0),
        fmt="o",
        color=theme["curve"],
        capsize=3,
        label=f"{judged.model}, 95 %",
    )
    for found, top in zip(bins, high, strict=True):
        axes.annotate(
            f"{found['n']}",
            (found["said"], top),
            (0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    axes.set(xlabel="probability said", ylabel="share that alerts")
    axes.legend(loc="lower right")
