"""What a call needs of whoever answers it, as files, calls and the floor say it.

A need is a skill and the worst level of it that will do (1 is the best; 0 = any). Needs are
alternatives of which one must hold whole: `(a and b) or c`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from terms.names import Skill


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """One skill, and the worst level of it that will do (0 = any)."""

    skill: Skill
    worst: int = 0

    def met_by(self, skills: Mapping[Skill, int]) -> bool:
        """Whether these skills have it."""
        return self.skill in skills and (not self.worst or skills[self.skill] <= self.worst)

    def __str__(self) -> str:
        return f"{self.skill} até o nível {self.worst}" if self.worst else self.skill


@dataclass(frozen=True, slots=True)
class Needs:
    """Alternatives, of which one must hold whole; none at all: nothing is needed."""

    either: tuple[tuple[Need, ...], ...] = ()

    def met_by(self, skills: Mapping[Skill, int]) -> bool:
        """Whether these skills have all of one alternative."""
        return not self.either or any(
            all(need.met_by(skills) for need in every) for every in self.either
        )

    def both(self, other: Needs) -> Needs:
        """What holds when this and the other do."""
        if not self.either or not other.either:
            return self if self.either else other
        return Needs(
            tuple(
                tuple(dict.fromkeys((*mine, *theirs)))
                for mine in self.either
                for theirs in other.either
            )
        )

    def __bool__(self) -> bool:
        return bool(self.either)

    def __str__(self) -> str:
        return " ou ".join(" e ".join(map(str, every)) for every in self.either)

    def to_text(self) -> str:
        """The text that a call carries: `libras:2+saude/ingles` for `(a and b) or c`."""
        return "/".join("+".join(map(_need_text, every)) for every in self.either)

    @staticmethod
    def from_text(text: str) -> Needs:
        """Read it back; an alternative that cannot be read whole is left out: what is left asks
        for no less than was asked for."""
        either = (tuple(map(_need_from, every.split("+"))) for every in text.split("/"))
        return Needs(tuple(tuple(filter(None, every)) for every in either if all(every)))


def _need_text(need: Need) -> str:
    return f"{need.skill}:{need.worst}" if need.worst else need.skill


def _need_from(text: str) -> Need | None:
    found = re.fullmatch(r"([a-z0-9_]+)(?::([1-9]))?", text)
    return Need(Skill(found[1]), int(found[2] or 0)) if found else None


NOTHING = Needs()


def all_of(*skills: Skill) -> Needs:
    """All of these skills, at any level."""
    return Needs((tuple(map(Need, skills)),)) if skills else NOTHING
