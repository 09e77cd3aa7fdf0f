"""What a caller asks for of whoever answers, and how well an agent fits.

What is needed is said by terms/needs.py. An `Ask` is what one caller asks for at one moment: the
same for all callers of a row whose rings are as wide, so that whether a skill profile fits is
found out once and looked up from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from terms.limits import PROFILES_KEPT
from terms.names import Skill
from terms.needs import NOTHING, Need, Needs, all_of

__all__ = [
    "NOTHING",
    "Ask",
    "Fit",
    "Need",
    "Needs",
    "Profile",
    "Way",
    "all_of",
]


class Profile:
    """All agents who are alike to a caller: the same skills and levels, the same subjects in the
    same order, in the reserve or not. Made by the pools, one object for each; compared as such."""

    __slots__ = ("emergency", "reserve", "skills", "subjects")

    def __init__(
        self, skills: Mapping[Skill, int], subjects: tuple[Skill, ...], reserve: bool
    ) -> None:
        self.skills = dict(skills)
        self.subjects = subjects
        self.reserve = reserve
        self.emergency = False  # has the skill of an emergency queue; the pools know

    def subject_rank(self, skill: Skill) -> int:
        """Which of the agent's subjects this is, the first 0 (R22); who has none prefers none."""
        if skill in self.subjects:
            return self.subjects.index(skill)
        return len(self.subjects)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be fit: the skill that counts, how well, and what is needed beside it.
    `ring` is the number of the ring that opened it, 0 the queue itself."""

    need: Need
    beside: Needs = NOTHING
    ring: int = 0


class Fit(NamedTuple):
    """How well a profile fits, the best first: the reserve last, then the way by its place, then
    the rank of the subject for the agent (R22)."""

    reserve: bool
    way: int
    subject: int


class Ask:
    """Ways to be fit, the best first, and whether the reserve is called too."""

    __slots__ = ("_known", "reserve", "skills", "ways")

    def __init__(self, ways: Iterable[Way], reserve: bool = False) -> None:
        self.ways = tuple(ways)
        self.reserve = reserve
        self.skills = tuple(dict.fromkeys(way.need.skill for way in self.ways))
        self._known: dict[Profile, Fit | None] = {}

    def fit(self, profile: Profile) -> Fit | None:
        """How well a profile fits; None when it does not."""
        try:
            return self._known[profile]
        except KeyError:
            if len(self._known) >= PROFILES_KEPT:
                self._known.clear()  # of profiles that nobody has any more
            found = self._known[profile] = self._fit(profile)
            return found

    def way_of(self, skills: Mapping[Skill, int]) -> int | None:
        """The place of the first way that these skills go."""
        for place, way in enumerate(self.ways):
            if way.need.met_by(skills) and way.beside.met_by(skills):
                return place
        return None

    def takes(self, skills: Mapping[Skill, int], reserve: bool) -> bool:
        """Whether an agent with these skills may be offered the caller."""
        return (self.reserve or not reserve) and self.way_of(skills) is not None

    def _fit(self, profile: Profile) -> Fit | None:
        if profile.reserve and not self.reserve:
            return None
        place = self.way_of(profile.skills)
        if place is None:
            return None
        subject = profile.subject_rank(self.ways[place].need.skill)
        return Fit(profile.reserve, place, subject)
