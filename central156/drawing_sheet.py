"""Several drawn trees on one sheet: where each stands, and the sheet as one SVG.

Every tree goes to the lowest, then leftmost place where it fits; of several widths of the sheet
the one is taken on which the letters become largest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

A3: Final = (1152.0, 806.0)
"""Points: a sheet on its side, less its margins."""

GAP: Final = 14.0  # points between two trees
WIDTHS: Final = 24  # widths of the sheet that are tried

_HEAD: Final = re.compile(r'<svg width="([0-9.]+)pt" height="([0-9.]+)pt"\s+viewBox="([^"]+)"')
_IDS: Final = re.compile(r' id="[^"]*"')


@dataclass(frozen=True, slots=True)
class Tree:
    """One drawn tree: its size in points, and what Graphviz drew."""

    width: float
    height: float
    view: str
    inside: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Trees at their places (x, y). `scale`: of the letters on paper, never above 1."""

    trees: Sequence[Tree]
    places: Sequence[tuple[float, float]]
    width: float
    height: float

    @property
    def scale(self) -> float:
        """How much all must shrink to fit on paper."""
        return min(1.0, A3[0] / self.width, A3[1] / self.height)

    def svg(self) -> str:
        """The sheet."""
        width, height = self.width * self.scale, self.height * self.scale
        parts = "\n".join(
            f'<svg x="{x:.1f}" y="{y:.1f}" width="{tree.width}" height="{tree.height}" '
            f'viewBox="{tree.view}">{tree.inside}</svg>'
            for tree, (x, y) in zip(self.trees, self.places, strict=True)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{width:.0f}pt" height="{height:.0f}pt" '
            f'viewBox="0 0 {self.width:.1f} {self.height:.1f}">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n{parts}\n</svg>\n'
        )


def trees_of(drawn: str) -> list[Tree]:
    """What Graphviz drew: one tree for each of its documents."""
    trees = []
    for document in drawn.split("<?xml")[1:]:
        head = _HEAD.search(document)
        if head is None:
            continue
        start, end = document.index(">", head.end()) + 1, document.rindex("</svg>")
        inside = _IDS.sub("", document[start:end])
        trees.append(Tree(float(head[1]), float(head[2]), head[3], inside))
    return trees


def laid_out(trees: Sequence[Tree]) -> Sheet:
    """The trees on the sheet that needs least shrinking; the first two at the top left."""
    least = max(tree.width for tree in trees)
    most = max(least, sum(tree.width + GAP for tree in trees))
    widths = [least + (most - least) * (number / WIDTHS) ** 2 for number in range(WIDTHS + 1)]
    return max((_on_width(trees, width) for width in widths), key=lambda sheet: sheet.scale)


def _on_width(trees: Sequence[Tree], width: float) -> Sheet:
    first = range(min(2, len(trees)))
    rest = sorted(range(2, len(trees)), key=lambda at: (-trees[at].height, at))
    places: dict[int, tuple[float, float]] = {}
    skyline = [(0.0, 0.0)]  # (from x on, this y is free)
    for at in (*first, *rest):
        tree = trees[at]
        x, y = min(_free(skyline, tree.width, width), key=lambda place: (place[1], place[0]))
        places[at] = (x, y)
        skyline = _raised(skyline, x, x + tree.width + GAP, y + tree.height + GAP)
    right = max(places[at][0] + tree.width for at, tree in enumerate(trees))
    bottom = max(places[at][1] + tree.height for at, tree in enumerate(trees))
    return Sheet(trees, [places[at] for at in range(len(trees))], right, bottom)


def _free(
    skyline: Sequence[tuple[float, float]], width: float, most: float
) -> Iterable[tuple[float, float]]:
    """The places where a tree of this width can stand; the left edge always is one."""
    for start, _ in skyline:
        if start == 0.0 or start + width <= most:
            yield start, _height(skyline, start, start + width)


def _height(skyline: Sequence[tuple[float, float]], left: float, right: float) -> float:
    ends = [*(start for start, _ in skyline[1:]), float("inf")]
    return max(
        y for (start, y), end in zip(skyline, ends, strict=True) if start < right and end > left
    )


def _raised(
    skyline: Sequence[tuple[float, float]], left: float, right: float, y: float
) -> list[tuple[float, float]]:
    """The skyline with a tree on it."""
    behind = _height(skyline, right, right + 1e-6)
    kept = [(start, top) for start, top in skyline if start < left or start > right]
    return sorted([*kept, (left, y), (right, behind)])
