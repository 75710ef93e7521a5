"""Pictures of a team: its rhythm, and the flow of help. To add one, write a function and list it in PICTURES.

Colours are Okabe and Ito's, told apart by the colour-blind; nothing is said by colour alone.
"""

import io
import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import MaxNLocator

BLUE, ORANGE, GREY, INK = "#0072b2", "#e69f00", "#bbbbbb", "#222222"
LABEL_LIMIT = 18  # characters
DPI = 200  # shown at about half of it: labels stay readable on a phone
AROUND = 9  # points from the middle of a circle to its label


def rhythm(axes: Axes, shows: Mapping[str, Any]) -> None:
    """Bars a week; a hatched one stands for a few people, whose number is not told."""
    counts, floor = shows["counts"], shows["floor"]
    places = range(1, len(counts) + 1)
    for place, count in zip(places, counts, strict=True):
        few = 0 < count < floor
        axes.bar(
            place,
            floor / 2 if few else count,
            color="white" if few else BLUE,
            edgecolor=INK,
            hatch="///" if few else None,
            linewidth=0.8,
            width=0.7,
        )
    axes.set_ylim(0, max([floor, *counts]) * 1.1)
    axes.set_xticks(list(places))
    axes.set_xticklabels([str(len(counts) + shows.get("waiting", 0) - place + 1) for place in places])
    axes.set_xlabel("weeks ago")
    axes.set_ylabel("people who took part")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if any(0 < count < floor for count in counts):
        axes.set_title(f"hatched: fewer than {floor}", fontsize=9, loc="right", color=INK)


def flow(axes: Axes, shows: Mapping[str, Any]) -> None:
    """People in a circle; arrows of help, thicker for more; what goes both ways is drawn as two arrows."""
    nodes, links = shows["nodes"], shows["links"]
    spots = [
        (math.sin(2 * math.pi * n / len(nodes)), math.cos(2 * math.pi * n / len(nodes)))
        for n in range(len(nodes))
    ]
    among: dict[int, str] = {}
    most = max((days for _, _, days in links), default=1)
    for giver, receiver, days in links:
        width = 0.6 + 3.4 * days / most
        if giver == receiver:
            among[giver] = f"\n{days} among themselves"
            continue
        axes.add_patch(
            FancyArrowPatch(
                spots[giver],
                spots[receiver],
                connectionstyle="arc3,rad=0.14",
                arrowstyle="-|>",
                mutation_scale=8 + 2 * width,
                shrinkA=9,
                shrinkB=9,
                linewidth=width,
                color=BLUE if (receiver, giver) in {(a, b) for a, b, _ in links} else ORANGE,
                linestyle="solid" if (receiver, giver) in {(a, b) for a, b, _ in links} else "dashed",
            )
        )
    for number, ((x, y), name) in enumerate(zip(spots, nodes, strict=True)):
        axes.plot(x, y, "o", color="white", markeredgecolor=INK, markersize=11, zorder=3)
        beside = 0 if abs(x) < 0.2 else 1 if x > 0 else -1
        above = 0 if beside else 1 if y > 0 else -1
        axes.annotate(
            printable(name) + among.get(number, ""),
            (x, y),
            (beside * AROUND, above * AROUND),
            textcoords="offset points",
            ha={0: "center", 1: "left", -1: "right"}[beside],
            va={0: "center", 1: "bottom", -1: "top"}[above],
            fontsize=9,
            color=INK,
        )
    axes.set_xlim(-2.1, 2.1)
    axes.set_ylim(-1.45, 1.45)
    axes.set_aspect("equal")
    axes.axis("off")
    axes.set_title("solid: help goes both ways · dashed: one way", fontsize=9, color=INK)


PICTURES: Mapping[str, Callable[[Axes, Mapping[str, Any]], None]] = {"rhythm": rhythm, "flow": flow}
_SIZES = {"rhythm": (4.8, 2.2), "flow": (4.8, 3.5)}  # inches


def draw(shows: Mapping[str, Any]) -> bytes:
    """A PNG. The same values draw the same bytes."""
    figure = Figure(figsize=_SIZES[shows["kind"]], dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    PICTURES[shows["kind"]](figure.add_subplot(), shows)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def printable(name: str) -> str:
    """The part of a name that the font can draw; a dot where nothing is left."""
    drawable = get_font(findfont(FontProperties())).get_charmap()
    kept = "".join(
        letter
        for letter in unicodedata.normalize("NFC", name)
        if ord(letter) in drawable and letter != "$" and unicodedata.category(letter)[0] != "C"
    ).strip()
    return _clipped(kept) or "·"


def _clipped(text: str) -> str:
    return text if len(text) <= LABEL_LIMIT else text[: LABEL_LIMIT - 1].rstrip() + "…"
