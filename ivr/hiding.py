"""An option that leads to a service which is not configured here is not offered: its key is taken
from the menu, and its sentence from what the menu says.

An option leads to a service when nothing but texts, digits to type and decisions with one outcome
lie between its key and the look-up. A menu that has only such options, without a `9` or a
`gives_up` of its own, is not offered either. A look-up that is reached in any other way stays: its
`failed` exit serves the caller.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.menu import (
    CollectNode,
    DecideNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    Node,
    Part,
    QueueNode,
    SayNode,
)
from ivr.proofs.findings import LANGUAGE_NAMES, Problem
from ivr.proofs.graph import GOES_ON, graph_of, shown
from ivr.proofs.menus import ends_with_key, split
from ivr.texts import Piece, Text, Texts
from ivr.ways import exits

Offers = MenuNode | QueueNode

_FRAGMENTS = re.compile(r"[^.;!?]*[.;!?]+|[^.;!?]+")


def hide(plan: LinePlan, configured: frozenset[str]) -> tuple[LinePlan, tuple[Problem, ...]]:
    """The plan without the options whose services are not among `configured` (names of
    servicos.yaml), and what was taken away, told only. A plan from which a sentence cannot be
    taken comes back as it was, with problems that say why."""
    gone = _gone(plan, configured)
    if not gone.reasons:
        return plan, ()
    nodes, told, wrong = dict(plan.nodes), list[Problem](), list[Problem]()
    for name, node in plan.nodes.items():
        if isinstance(node, MenuNode | QueueNode):
            keys = tuple(key for key, target in node.options.items() if target in gone.onward)
            told += (_told(("nodes", name, "options", key), node, key, gone) for key in keys)
            if keys and name not in gone.reasons:
                nodes[name], missing = _without(node, keys)
                wrong += missing
                if isinstance(node, MenuNode) and len(keys) == len(node.options):
                    wrong.append(_empty(node, gone.reasons[gone.way(node.options[keys[0]])[-1]]))
    codes = {code: target for code, target in plan.codes.items() if target not in gone.onward}
    for code in plan.codes:
        if code not in codes:
            told.append(_told(("codes", code), plan, code, gone))
    smaller = _only_what_was_reached(plan, replace(plan, nodes=nodes, codes=codes))
    for name, reason in gone.reasons.items():
        if isinstance(menu := smaller.nodes.get(name), MenuNode):
            wrong.append(_empty(menu, reason))
    # What nobody gets to any more has nothing to tell: the option that led there has.
    wrong = [one for one in wrong if one.part[1] in smaller.nodes]
    told = [one for one in told if one.part[0] == "codes" or one.part[1] in smaller.nodes]
    return (plan, tuple(wrong)) if wrong else (smaller, tuple(told))


def _empty(node: MenuNode, reason: str) -> Problem:
    message = f"o menu '{node.name}' ficaria sem opções: {reason}; ponha outra opção nele"
    return Problem(("nodes", node.name, "options"), message)


# --- which options ---
@dataclass(frozen=True, slots=True)
class _Gone:
    """What is not offered. `reasons`: the look-ups, menus of nothing else, menus of those.
    `onward`: every node that leads to one of them and nowhere else, with the next one on that way
    ('' at its end)."""

    reasons: dict[str, str] = field(default_factory=dict)
    onward: dict[str, str] = field(default_factory=dict)

    def way(self, name: str) -> list[str]:
        """The nodes from here to the one that is not offered."""
        way = [name]
        while following := self.onward[way[-1]]:
            way.append(following)
        return way


def _gone(plan: LinePlan, configured: frozenset[str]) -> _Gone:
    gone = _Gone()
    before: dict[str, list[str]] = {}
    left: dict[str, set[str]] = {}  # where each menu still leads
    for name, node in plan.nodes.items():
        if isinstance(node, MenuNode):
            left[name] = {target for target in (*node.options.values(), node.gives_up) if target}
            for target in left[name]:
                before.setdefault(target, []).append(name)
        elif target := _single_way(node):
            before.setdefault(target, []).append(name)
        elif isinstance(node, LookUpNode) and node.service and node.service not in configured:
            gone.reasons[name] = f"o serviço '{node.service}' não está configurado"
            gone.onward[name] = ""
    waiting = deque(gone.onward)
    while waiting:
        target = waiting.popleft()
        for name in before.get(target, ()):
            if name in gone.onward:
                continue
            if name in left:
                left[name].discard(target)
                if left[name]:
                    continue
                gone.reasons[name] = gone.reasons[gone.way(target)[-1]]
            gone.onward[name] = "" if name in left else target
            waiting.append(name)
    return gone


def _single_way(node: Node) -> str:
    """The one node that follows, when only one can."""
    match node:
        case SayNode() | CollectNode():
            return node.next
        case DecideNode():
            targets = {target for _, target in exits(node)}
            return targets.pop() if len(targets) == 1 else ""
        case _:
            return ""


def _told(part: Part, owner: Offers | LinePlan, key: str, gone: _Gone) -> Problem:
    target = (owner.codes if isinstance(owner, LinePlan) else owner.options)[key]
    way = gone.way(target)
    steps = [(key, way[0]), *((GOES_ON, following) for following in way[1:])]
    what = f"o código {key} não é oferecido"
    if not isinstance(owner, LinePlan):
        steps.insert(0, ("", owner.name))
        what = f"a opção da tecla {key} não é oferecida"
    message = f"{what}: {gone.reasons[way[-1]]}: {shown(steps)}"
    return Problem(part, message, told_only=True)


def _only_what_was_reached(before: LinePlan, after: LinePlan) -> LinePlan:
    """Without the nodes that lost their last way in. Those that never had one stay: that is for
    the checker to say."""
    old, new = graph_of(before), graph_of(after)
    kept = {
        name: node
        for name, node in after.nodes.items()
        if name in new.reached
        or name in new.reached_after
        or not (name in old.reached or name in old.reached_after)
    }
    return replace(after, nodes=kept)


# --- its sentence ---
def _without(node: Offers, keys: tuple[str, ...]) -> tuple[Offers, list[Problem]]:
    """The node without these options, and without the sentences that offer them."""
    wrong: list[Problem] = []
    left = {key: target for key, target in node.options.items() if key not in keys}
    changed: dict[str, Any] = {"options": left}
    for part in ("text", "again"):
        texts: Texts = getattr(node, part, ())
        if texts or part == "text":
            cut = _Cut(texts, tuple(node.options), keys)
            changed[part] = cut.texts()
            wrong += (Problem(("nodes", node.name, part), message) for message in cut.wrong)
    return replace(node, **changed), wrong


@dataclass(slots=True)
class _Cut:
    """Texts that lose the sentences of some keys, in every language."""

    given: Texts
    options: tuple[str, ...]
    keys: tuple[str, ...]
    wrong: list[str] = field(default_factory=list)

    def texts(self) -> Texts:
        """What is left. What cannot be taken away is noted in `wrong`."""
        left = [dict(text.words) for text in self.given]
        for language in dict.fromkeys(name for text in self.given for name in text.words):
            self._cut(language, left)
        if not self.given:
            self.wrong += (_not_found(key, "") for key in self.keys)
        whole: list[Text] = []
        for words in left:
            said = {language for language, pieces in words.items() if pieces}
            if said and len(said) < len(words):
                self.wrong.append(
                    "sem a opção escondida, um texto ficaria vazio numa língua e noutra não"
                )
            elif said:
                whole.append(Text(words))
        return tuple(whole)

    def _cut(self, language: str, left: list[dict[str, tuple[Piece, ...]]]) -> None:
        """Take the sentences away in one language; texts that have none of them stay as they are
        written."""
        found: set[str] = set()
        touched: set[int] = set()
        kept: dict[int, tuple[Piece, ...]] = {}
        for sentence in self._sentences(language):
            key = self._key(sentence, language)
            if key in self.keys:
                found.add(key)
                touched.update(number for number, _ in sentence)
            else:
                for number, piece in sentence:
                    kept[number] = (*kept.get(number, ()), piece)
        for number in touched:
            left[number][language] = _joined(kept.get(number, ()))
        self.wrong += (_not_found(key, language) for key in self.keys if key not in found)

    def _sentences(self, language: str) -> Iterator[list[tuple[int, Piece]]]:
        """Each sentence as its pieces, with the number of the text that each is in. A sentence
        may go on in the next text, unless it has said its key, or ends with a gap. (The stop after
        a gap is in no piece; where a capital follows, there was one.)"""
        sentence: list[tuple[int, Piece]] = []
        for number, text in enumerate(self.given):
            for piece in text.words.get(language, ()):
                fragments = _FRAGMENTS.findall(piece) if isinstance(piece, str) else [piece]
                if _ends_with_gap(sentence) and fragments and _begins_anew(fragments[0]):
                    yield sentence
                    sentence = []
                for fragment in fragments:
                    sentence.append((number, fragment))
                    if isinstance(fragment, str) and fragment[-1] in ".;!?":
                        yield sentence
                        sentence = []
            if sentence and (_ends_with_gap(sentence) or self._key(sentence, language)):
                yield sentence
                sentence = []
        if sentence:
            yield sentence

    def _key(self, sentence: list[tuple[int, Piece]], language: str) -> str:
        """The key with which this sentence ends, or ''."""
        words = " ".join(
            piece if isinstance(piece, str) else f"{{{piece.name}}}" for _, piece in sentence
        )
        said = split(words)[-1:]
        found = (key for key in self.options if said and ends_with_key(said[0], key, language))
        return next(found, "")


def _ends_with_gap(sentence: list[tuple[int, Piece]]) -> bool:
    return bool(sentence) and not isinstance(sentence[-1][1], str)


def _begins_anew(piece: Piece) -> bool:
    return isinstance(piece, str) and piece[:1].isupper()


def _not_found(key: str, language: str) -> str:
    told = f" em {LANGUAGE_NAMES.get(language, language)}" if language else ""
    return (
        f"a opção da tecla {key} devia ser escondida, e a frase que termina com essa tecla não foi "
        f"encontrada{told}"
    )


def _joined(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Fragments of the same words together again; punctuation alone is nothing."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] = f"{joined[-1].rstrip()} {piece.lstrip()}"
        else:
            joined.append(piece)
    stripped = (piece.strip() if isinstance(piece, str) else piece for piece in joined)
    return tuple(
        piece for piece in stripped if not isinstance(piece, str) or re.search(r"\w", piece)
    )
