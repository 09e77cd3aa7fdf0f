"""What is served now: the published menus, and what supervisors ordered for a while on top of them.

    current    the version that new calls begin on      of(version)  … that a call began on
    notices    the announcements that hold now           short        whether the menu is short now

Orders end by themselves: every question names its instant, and an order beyond its end is no
longer there, whether or not somebody took it away meanwhile. Nothing here writes; publishing
(central156/) stores first, then changes this object between two steps, so that a step sees one
version or the other and never a part of both.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from acd.overrides import QueueOverride, overridden
from acd.queues import QueueTable
from ivr.announcements import WHILE_WAITING, Announcement, Notice, in_force
from ivr.hours import ALWAYS, Calendar
from ivr.menu import DecideNode, LinePlan
from ivr.ways import exits
from terms.limits import VERSIONS_KEPT
from terms.names import Instant, QueueName
from terms.services import ServiceSpec


@dataclass(frozen=True, slots=True)
class Plans:
    """One published version: all that was read from one folder of dialplans."""

    lines: Mapping[str, LinePlan]
    version: str
    calendar: Calendar = ALWAYS
    services: Mapping[str, ServiceSpec] = field(default_factory=dict)
    destinations: Mapping[str, str] = field(default_factory=dict)
    relay_numbers: tuple[str, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    queues: QueueTable = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ShortOrder:
    """The short menu of a line, ordered from `since` on and before `until`."""

    line: str
    since: Instant
    until: Instant
    by: str

    def holds(self, at: Instant) -> bool:
        """Whether it is in force at this instant."""
        return self.since <= at < self.until


class Serving:
    """See the file's top. Used on one event loop."""

    def __init__(self, current: Plans, older: Iterable[Plans] = ()) -> None:
        """`older`: versions that calls still stand on, the oldest first."""
        self._current = current
        self._known = OrderedDict((plans.version, plans) for plans in (*older, current))
        self._announced: dict[str, Announcement] = {}
        self._short: dict[str, ShortOrder] = {}
        self._overrides: dict[QueueName, QueueOverride] = {}

    # --- versions ---
    @property
    def current(self) -> Plans:
        """What new calls begin on."""
        return self._current

    def of(self, version: str) -> Plans:
        """The version that a call began on; the current one if that is not known any more."""
        found = self._known.get(version)
        if found is None:
            return self._current
        self._known.move_to_end(version)
        return found

    def serve(self, plans: Plans) -> None:
        """New calls begin on this version from now on; calls in course stay on theirs. Of the
        older versions the VERSIONS_KEPT that were asked for last are kept."""
        self._current = plans
        self.keep(plans)

    def keep(self, plans: Plans) -> None:
        """Know a version that calls may stand on."""
        self._known[plans.version] = plans
        self._known.move_to_end(plans.version)
        for version in [one for one in self._known if one != self._current.version]:
            if len(self._known) <= VERSIONS_KEPT + 1:
                break
            del self._known[version]

    def knows(self, version: str) -> bool:
        """Whether `of` would find this very version."""
        return version in self._known

    def every_queue(self) -> QueueTable:
        """The queues of what serves, and those that only older versions have: calls in course
        may still be sent there."""
        table = self._current.queues
        for plans in reversed(self._known.values()):
            table = table.still_serving(plans.queues.rules)
        return self.in_force(table)

    def in_force(self, table: QueueTable) -> QueueTable:
        """These queues with what is ordered on top of their rules."""
        return overridden(table, self._overrides)

    # --- orders ---
    def override(self, queue: QueueName, other: QueueOverride | None) -> None:
        """The queue's rules are other than published, until somebody says None."""
        self._overrides.pop(queue, None)
        if other is not None:
            self._overrides[queue] = other

    def priority_of(self, queue: QueueName) -> int | None:
        """The priority that is ordered for all of a queue's callers; None: what the menu gave."""
        found = self._overrides.get(queue)
        return found.priority if found is not None else None

    def announce(self, announcement: Announcement) -> None:
        """Say this to callers while it is in force; another of the same name is replaced."""
        self._announced[announcement.name] = announcement

    def end_announcement(self, name: str) -> None:
        """Say it no more."""
        self._announced.pop(name, None)

    def announced(self) -> tuple[Announcement, ...]:
        """The announcements that were ordered and not taken away, ended or not."""
        return tuple(self._announced.values())

    def order_short(self, order: ShortOrder) -> None:
        """The line's menu is short while the order holds; an earlier order is replaced."""
        self._short[order.line] = order

    def end_short(self, line: str) -> None:
        """Take the line's order back."""
        self._short.pop(line, None)

    def short_orders(self) -> tuple[ShortOrder, ...]:
        """The orders that were not taken back, ended or not."""
        return tuple(self._short.values())

    # --- what a call asks ---
    def notices(self, line: str, at: Instant) -> Mapping[str, tuple[Notice, ...]]:
        """What is said before which node of this line at this instant, ordered ones and those of
        announcements.yaml alike.

        What is said at the line's start is said at its short start as well. An order for a node
        that the current version lacks is said at the start: published over, not lost.
        """
        plan = self._current.lines.get(line)
        every = (*self._current.announcements, *self._announced.values())
        if plan is not None:
            every = tuple(placed for one in every for placed in _placed(one, plan))
        return in_force(every, line, at)

    def short(self, line: str, at: Instant) -> bool:
        """Whether calls of this line get the short menu: by order, or by the plan's hours."""
        order = self._short.get(line)
        return (order is not None and order.holds(at)) or self.short_by_hours(line, at)

    def short_by_hours(self, line: str, at: Instant) -> bool:
        """Whether the calendar alone makes this line's menu short."""
        plan = self._current.lines.get(line)
        if plan is None or not plan.short_when:
            return False
        return self._current.calendar.is_open(plan.short_when, at)


def _placed(one: Announcement, plan: LinePlan) -> Iterator[Announcement]:
    """The announcement at every node of the plan before which it is said."""
    if one.line != plan.line or one.node == WHILE_WAITING:
        yield one
        return
    node = one.node if one.node in plan.nodes else plan.start
    yield from (replace(one, node=spoken) for spoken in _spoken(node, plan))
    if node == plan.start and plan.short_start not in ("", node):
        yield from (replace(one, node=spoken) for spoken in _spoken(plan.short_start, plan))


def _spoken(name: str, plan: LinePlan) -> Iterator[str]:
    """The node, if it says anything itself; behind a decision the first ones that do."""
    waiting: list[str] = [name]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        node = plan.nodes.get(name)
        if name in seen or node is None:
            continue
        seen.add(name)
        if isinstance(node, DecideNode):
            waiting += [target for _, target in exits(node)]
        else:
            yield name
