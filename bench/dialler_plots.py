"""`python -m bench.dialler_plots`: the dialler's figures measured last, as docs/dialler-figures.md.

Reads bench/results, as `bench.plots` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from bench.dialler_pacing import COMES, FIXED, OURS, PLAIN, TITLES, TUNED
from bench.plots import BOUND_COLOUR, DOCS, OUR_COLOUR, THEIR_COLOUR, newest, save, table

PAGE: Final = DOCS / "dialler-figures.md"
WANTED: Final = ("P11", "DIALRATE", "LISTS")
PLOT: Final = DOCS / "dialler-p11.svg"
SHAPES: Final = {PLAIN: "^", FIXED: "s", COMES: "x", TUNED: "+", OURS: "o"}
COLOURS: Final = {
    PLAIN: "#52606d",
    FIXED: THEIR_COLOUR,
    COMES: BOUND_COLOUR,
    TUNED: "#e0a458",
    OURS: OUR_COLOUR,
}


def main() -> None:
    """Write the page and its plot."""
    mpl.rcParams.update({"svg.hashsalt": "c156", "font.size": 9, "svg.fonttype": "none"})
    found = newest(WANTED)
    lines = [TITLE]
    for name in WANTED:
        if name not in found:
            continue
        at, rows = found[name]
        lines += [f"## {HEADINGS[name]}", "", TEXTS[name], "", *table(rows), ""]
        lines += [f"Measured {at}.", ""]
        if name == "P11":
            _plot(rows)
            lines += [f"![{HEADINGS[name]}]({PLOT.name})", "", *_each(rows)]
    PAGE.write_text("\n".join(lines).rstrip() + "\n")
    print(PAGE)


def _each(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Everybody's figures, and the settings of those that have any."""
    for shape, title in TITLES.items():
        mine = [row["details"] for row in rows if row["details"]["shape"] == shape]
        if not mine:
            continue
        yield from (f"People {title}: time used / dropped / worst hour / hours over 3 %:", "")
        yield "| | " + " | ".join(f"{one['agents']} agents" for one in mine) + " |"
        yield "|---" * (len(mine) + 1) + "|"
        for name in SHAPES:
            cells = [_cell(one["rows"][name]) for one in mine]
            yield f"| {name} | " + " | ".join(cells) + " |"
        yield ""


def _cell(row: dict[str, Any]) -> str:
    told = (
        f"{row['use']:.1f} ± {row['error']:.1f} % / {row['dropped']:.1f} % / {row['worst']:.1f} %"
    )
    told += f" / {row['over']} of {len(row['hours'])}"
    return f"{told} ({row['setting']})" if row["setting"] else told


def _plot(rows: list[dict[str, Any]]) -> None:
    """Each hour of each run a dot: what was dropped in it, and how much the agents were used."""
    drifting = [row["details"] for row in rows if row["details"]["shape"] == "drifting"]
    figure, axes = plt.subplots(1, len(drifting), figsize=(11, 3.6), sharey=True, squeeze=False)
    for axis, one in zip(axes[0], drifting, strict=True):
        for name, marker in SHAPES.items():
            _dots(axis, name, marker, one["rows"][name]["hours"])
        axis.axvline(3.0, color=BOUND_COLOUR, linewidth=0.8, linestyle="--")
        axis.set_title(f"{one['agents']} agents")
        axis.set_xlabel("dropped in the hour, % of answers")
        axis.set_xlim(-0.2, 8.0)
    axes[0][0].set_ylabel("agents' time used in the hour, %")
    axes[0][0].legend(fontsize=7, loc="lower right")
    save(figure, PLOT)


def _dots(axis: Axes, name: str, marker: str, hours: list[list[float]]) -> None:
    drops = [min(hour[1], 7.9) for hour in hours]
    uses = [hour[0] for hour in hours]
    axis.scatter(drops, uses, s=12, marker=marker, color=COLOURS[name], label=name, linewidths=0.8)


TITLE = """\
# The dialler in figures

Written by `python -m bench.dialler_plots` from what `make bench` measured last (`bench/results/`).
"""

HEADINGS = {
    "P11": "P11: how much of the agents' time, and whom it drops",
    "DIALRATE": "Calls originated a second, real calls",
    "LISTS": "A list of a million",
}

TEXTS = {
    "P11": """\
Simulated time, and the production `Dialling` in it, with all that it is made of: it is told what
it is told in production, and nothing else. The street that it calls (`bench/simulator/street.py`):
answers after 11 s in the mean (log-normal), a tenth of the others busy or invalid at once, the rest
rings for 30 s; agents are taken for 250 s in the mean (log-normal, cv 1), as much as São Paulo's
calls take. Dropped is who has answered and has no agent within two seconds. "Drifting": the share
of calls that people answer goes from 15 to 45 of 100 and back in two hours. A dot at the plot's
right edge is an hour that lies beyond it. ± is the standard error over the seeds.

How it paces (`dialer/pacing.py`): of the calls that ring it adds up what each still promises, which
falls with the time that it has rung; of the agents who talk it knows how many become free by the
time at which a call that is placed now would be answered; and it places one more while that costs
fewer drops than an answer may. What an answer may cost is learned from the drops themselves, so
that 1.7 of a hundred are dropped in the long run, whatever the formula gets wrong; and bad luck of
three and a half standard deviations must still fit under the hour's cap.

What mattered, on the seeds that it was tuned on (1 to 80), with 20, 50 and 100 agents. The rule
that was here before (a price by the budget of the hour so far, answers learned as calls end) used
84, 83 and 80 % and broke the cap in 32 of 54 hours. Learning answers in the order of dialling: an
answer ends the ringing after ten seconds and silence after thirty, so whoever counts calls as they
end sees the answers of a burst first, and swings, the more the more agents (84 to 89 % of 100
agents). Letting the hour spend early what the rest of it will bring for sure, instead of waiting
for its answers: to 89, 94 and 96 %. What keeps the cap in every hour: a target well below it, and
room for drops that come together (four within two seconds, when many ring and few answer). With
two of a hundred and three deviations of the expected drops 3 of 180 hours of 20 agents ended above
3 %, as it is now none of 360, at the same use. Counting what is not known of the share of answers
keeps a cold start from dropping: without it the first hour of a campaign broke the cap in 4 of 12
runs. Foretelling who becomes free is worth half a point with 100 agents, and nothing with fewer:
the price makes up for it.

Where it does not win. Small campaigns: one drop in an hour of fewer than 34 answers is above 3 %,
so with 3 agents nothing is dared (75 % used, as progressive), with 5 it is 77 %, with 10 84 %, and
with 10 two of 54 hours ended at 3.2 % all the same: the cap is held by a margin, not by a
certainty. With talks of a minute instead of four, 20 agents are used to 81 % and
50 to 89 %. Without any cap of the hour, and told the true share of answers, the same rule uses 91,
94 and 96 % at 2.7 % dropped: so much is what the cap by the hour still costs. And the cap is of
hours that are dialled to their end: a campaign that a person stops, or that callers hold up, in the
first minutes of an hour may leave it with one drop in twenty answers. Mailboxes that pick up are
no part of the street: in production they take an agent for a few seconds, and count as answers.

Others. The fixed ratio and the tuned adaptive method have settings that were looked for on the
very calls that are measured, for each number of agents, with the cap kept in every hour; ours has
none. "Adaptive as it comes" is the best of VICIdial's three methods with its defaults, its agents
counted in either of its two ways; which of them is in brackets. It is an emulation, written after
its own scripts (`bench/simulator/dial_peers.py` says which and what they do): it holds its cap over
a day, not in each hour, and drops are looked at once a minute. Its own default of five seconds
before a drop is two here, as for everybody.""",
    "DIALRATE": """\
Real calls over real SIP: a notice's campaign through all that a call goes through. SIPp is the
public network, on the same two cores, and its own log says how often each number rang. Beside it:
orders to dial and nothing else, over an AMI session of the same Asterisk. Ours is from the decision
on: the attempt is durable, the switch was asked whether it lives, and the dialplan has looked at
its caps before the phone rings. The long tail is a database that others keep busy; Asterisk takes
0.4 of a core, control 0.25. Ordered all at once at the beginning of each second, as they were
before, half of the calls waited half a second.""",
    "LISTS": """\
Read, checked, and stored, as `central156 campaign import` does.""",
}


if __name__ == "__main__":
    main()
