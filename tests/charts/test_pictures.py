"""Pictures are drawn whatever people are called, and the same values draw the same bytes."""

import struct
from itertools import product

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from slackapp.charts.pictures import draw, flow, printable

NAMES = ["Ana", "אברהם", "مريم", "🙌🏽🎉", "O'Neill $x^2$", "x" * 80, "\u202eevil", "李小龍"]
RHYTHM = {"kind": "rhythm", "counts": [0, 1, 5, 12, 7, 1, 0, 9, 9, 9, 9, 500], "floor": 5, "waiting": 0}
FLOW = {
    "kind": "flow",
    "nodes": [*NAMES, "492 others"],
    "links": [[0, 1, 3], [1, 0, 1], [2, 8, 40], [8, 8, 400], [3, 4, 2]],
}


@pytest.mark.parametrize(
    "shows",
    [
        RHYTHM,
        FLOW,
        {"kind": "rhythm", "counts": [0] * 12, "floor": 5, "waiting": 3},
        {"kind": "flow", "nodes": ["Ana"], "links": []},
    ],
)
def test_a_picture_is_a_png_and_always_the_same(shows: dict[str, object]) -> None:
    drawn = draw(shows)

    assert drawn.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", drawn[16:24])
    assert 800 < width < 1600
    assert height > 300
    assert len(drawn) < 300_000
    assert draw(shows) == drawn


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Ana", "Ana"),
        ("🙌🏽🎉", "·"),
        ("Ana 🎉", "Ana"),
        ("$x^2$", "x^2"),
        ("\u202eevil", "evil"),
        ("x" * 80, "x" * 17 + "…"),
        ("", "·"),
    ],
)
def test_labels_hold_what_the_font_can_draw(name: str, label: str) -> None:
    assert printable(name) == label


@pytest.mark.parametrize("people", range(1, 9))
def test_no_label_lies_on_a_circle(people: int) -> None:
    figure = Figure(figsize=(4.8, 3.5), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    flow(axes, {"nodes": ["Ana"] * people, "links": [[n, n, 5] for n in range(people)]})
    canvas.draw()

    labels = [label.get_window_extent() for label in axes.texts]
    circles = [circle.get_window_extent() for circle in axes.lines]
    assert len(labels) == len(circles) == people
    assert not [pair for pair in product(labels, circles) if pair[0].overlaps(pair[1])]
