"""What follows from the keys that a caller typed at a node, and from what a service answered."""

from __future__ import annotations

from dataclasses import replace

from ivr.known import language_of
from ivr.menu import (
    BACK_KEY,
    END_KEY,
    MARKS,
    NO_KEY,
    PERSON_KEY,
    YES_KEY,
    CollectNode,
    DecideNode,
    EndNode,
    LookUpNode,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
    SurveyNode,
)
from ivr.shown import CONFIRMS, decide, go, is_introduced, join, patience, question, show
from ivr.texts import Filled
from ivr.turn import FOUND, MISSING, Answer, Listen, Say, Turn
from ivr.typed import fits
from ivr.walk import DID_NOT_CHOOSE, WALKED_TOO_LONG, Walk
from terms.facts import Kind
from terms.limits import MENU_LEVELS, NODES_PER_CALL

ASKED_FOR_A_PERSON = "pediu atendente"


def at_menu(walk: Walk, node: MenuNode, key: str) -> Turn:
    """An option leads on; silence and other keys are asked again, then given up."""
    valid = key in node.options or key in (PERSON_KEY, BACK_KEY)
    walk.pressed(key, valid)
    if key in node.options:
        above = (*walk.position.above, node.name)[-MENU_LEVELS:]
        walk.position = replace(walk.position, above=above)
        return go(walk.take(key), node.options[key])
    return wrong(walk, key)


def at_say(walk: Walk, node: SayNode, key: str) -> Turn:
    """A key that interrupts a text is meant for what follows the text."""
    if not key:
        return go(walk.take("segue"), node.next)
    ahead = _after_texts(walk, node)
    following = ahead.plan.nodes.get(ahead.position.node)
    if ahead.position.visited > NODES_PER_CALL:
        return ahead.to_person(WALKED_TOO_LONG)
    if isinstance(following, MenuNode):
        return at_menu(ahead, following, key)
    skips = key not in (PERSON_KEY, BACK_KEY) and not isinstance(following, SayNode | EndNode)
    walk.pressed(key, skips or key in (PERSON_KEY, BACK_KEY))
    return go(walk.take("segue"), node.next) if skips else wrong(walk, key)


def _after_texts(walk: Walk, node: SayNode) -> Walk:
    """The way on to the first node that is not only a text or a decision; `walk` stays here."""
    ahead = walk.copy()
    here: Node | None = node
    while isinstance(here, SayNode | DecideNode) and ahead.position.visited <= NODES_PER_CALL:
        if isinstance(here, SayNode):
            ahead.take("segue")
            following = here.next
        else:
            following = decide(ahead, here)
        here = ahead.plan.nodes.get(following)
        if here is not None:
            ahead.step_to(following)
    return ahead


def at_words(walk: Walk, key: str) -> Turn:
    """A key while a node speaks that asks for none: a person, back, or the end of the words."""
    valid = key in (PERSON_KEY, BACK_KEY)
    walk.pressed(key, valid)
    return wrong(walk, key) if valid else replace(show(walk), says=())


def at_collect(walk: Walk, node: CollectNode, typed: str) -> Turn:
    """Digits that fit are kept, echoed and confirmed; what does not fit is asked again."""
    if walk.position.phase == CONFIRMS:
        return _at_echo(walk, node, typed)
    if typed == END_KEY and walk.position.tries:  # of a number that was wrong before it was ended
        return replace(show(walk), says=())
    digits = typed.removesuffix(END_KEY)
    if digits == PERSON_KEY or typed.endswith(BACK_KEY):
        key = PERSON_KEY if digits == PERSON_KEY else BACK_KEY
        walk.pressed(key, True)
        return wrong(walk, key)
    right = fits(node.kind, digits, node.least, node.most)
    walk.note(
        Kind.DIGITS_TYPED,
        node=node.name,
        variable=node.variable,
        digits=len(digits),
        valid=right,
    )
    if not right:
        return wrong(walk, digits)
    walk.keep(node.variable, digits)
    if node.echo:
        walk.position = replace(walk.position, phase=CONFIRMS)
        return show(walk)
    return _accept(walk, node)


def _at_echo(walk: Walk, node: CollectNode, key: str) -> Turn:
    if key == END_KEY:  # the end of the number, typed although it was complete
        return walk.then(Listen(patience(walk, node.key_seconds)))
    valid = key in (YES_KEY, NO_KEY, PERSON_KEY, BACK_KEY)
    walk.pressed(key, valid)
    if key == YES_KEY:
        return _accept(walk, node)
    if key in (NO_KEY, BACK_KEY):
        walk.data.pop(node.variable, None)
        walk.position = replace(walk.position, phase="")
        return wrong(walk, NO_KEY)
    return wrong(walk, key)


def _accept(walk: Walk, node: CollectNode) -> Turn:
    value = walk.data.get(node.variable, "")
    walk.note(Kind.DATA_TYPED, node=node.name, variable=node.variable, value=value)
    return go(walk.take("certo"), node.next)


def at_survey(walk: Walk, node: SurveyNode, key: str) -> Turn:
    """A mark answers; anything else is asked once more, then the question stays unanswered."""
    number = question(walk)
    if key == PERSON_KEY:
        walk.pressed(key, True)
        return walk.to_person(ASKED_FOR_A_PERSON)
    if key and key == walk.plan.defaults.protocol_key:
        walk.position = replace(walk.position, phase=str(number))
        _say_protocol(walk, node)
        return show(walk)
    if is_introduced(walk, node):
        walk.position = replace(walk.position, phase="0")
        return show(walk)
    if number < len(node.questions):
        if not (key and key in MARKS) and walk.position.tries == 0:
            walk.position = replace(walk.position, phase=str(number), tries=1)
            return show(walk)
        mark = key if key and key in MARKS else ""
        asked = node.questions[number].name
        walk.note(Kind.SURVEY_ANSWERED, node=node.name, question=asked, mark=mark)
    walk.position = replace(walk.position, phase=str(number + 1), tries=0)
    return show(walk)


def at_queue(walk: Walk, node: QueueNode, key: str) -> Turn:
    """A key while waiting: an option leads on, anything else changes nothing."""
    if key:
        walk.pressed(key, key in node.options)
    if key in node.options:
        return go(walk.take(key), node.options[key])
    return join(walk, node)


def after_look_up(walk: Walk, node: LookUpNode, answer: Answer) -> Turn:
    """On by the answer's own exit; the values that came are data from now on."""
    walk.note(Kind.LOOKED_UP, node=node.name, where=node.service, how=answer.how)
    if answer.how == FOUND:
        for name, value in answer.values.items():
            walk.keep(name, value)
        return go(walk.take("achou"), node.found)
    if answer.how == MISSING:
        return go(walk.take("nao_achou"), node.missing)
    return go(walk.take("falhou"), node.failed)


def wrong(walk: Walk, key: str) -> Turn:
    """The two keys that work everywhere, and input that means nothing here ('' = silence)."""
    node = walk.plan.nodes[walk.position.node]
    if key in (PERSON_KEY, BACK_KEY):
        if isinstance(node, MenuNode | CollectNode):
            walk.take(key)
        if key == PERSON_KEY:
            return _to_person(walk, node)
        *above, target = walk.position.above or (node.name,)
        walk.position = replace(walk.position, above=tuple(above))
        return go(walk, target)
    usual = walk.plan.defaults.tries
    written = None
    if isinstance(node, CollectNode):
        usual, written = walk.plan.defaults.typing_tries, node.tries
    elif isinstance(node, MenuNode):
        written = node.tries
    if walk.position.tries + 1 >= walk.tries(written, usual):
        return _give_up(walk, node)
    walk.position = replace(walk.position, tries=walk.position.tries + 1)
    _excuse(walk, node, key)
    return show(walk)


def _to_person(walk: Walk, node: Node) -> Turn:
    """Who asks for a person while typing gets the one that typing in vain would have led to."""
    if isinstance(node, CollectNode) and isinstance(walk.plan.nodes.get(node.failed), QueueNode):
        return go(walk, node.failed)
    return walk.to_person(ASKED_FOR_A_PERSON)


def _give_up(walk: Walk, node: Node) -> Turn:
    target = ""
    if isinstance(node, MenuNode | CollectNode):
        walk.take("desiste")
        target = node.gives_up if isinstance(node, MenuNode) else node.failed
    return go(walk, target) if target else walk.to_person(DID_NOT_CHOOSE)


def _excuse(walk: Walk, node: Node, key: str) -> None:
    """Say why the node speaks again."""
    defaults = walk.plan.defaults
    typed_wrong = isinstance(node, CollectNode) and walk.position.phase != CONFIRMS
    if not key:
        walk.say(defaults.silent, walk.keys(node))
    elif typed_wrong and key != NO_KEY:
        walk.say(defaults.mistyped, walk.keys(node))
    elif not typed_wrong:
        walk.say(defaults.wrong, walk.keys(node))


def _say_protocol(walk: Walk, node: SurveyNode) -> None:
    if walk.known.protocol:
        keys, number = walk.keys(node), Filled(walk.known.protocol, "protocolo")
        walk.say(walk.plan.waiting.protocol_text, keys)
        walk.says.append(Say((number,), language_of(walk.data), keys))
