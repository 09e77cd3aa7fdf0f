"""A look at the switch shows a channel before its call has told who it is: the number, and that it
is no test, are known all the same once it has; or nobody would be called back."""

from __future__ import annotations

from callflow.book import Book, OpenCall
from terms.names import CallId, Protocol

CALL = CallId("1-1")
SEEN = OpenCall(CALL, "156", 1_000.0)


def _told(**more: object) -> OpenCall:
    entry = OpenCall(CALL, "156", 1_001.0, "11987654321", Protocol("123456786"), test=True)
    for name, value in more.items():
        setattr(entry, name, value)
    return entry


def test_what_the_call_tells_is_known_though_it_was_seen_before() -> None:
    book = Book()
    seen = book.open(SEEN)
    known = book.open(_told(relay=True))
    assert known is seen is book.calls[CALL]
    assert known == _told(relay=True)


def test_a_look_takes_nothing_from_what_is_known() -> None:
    book = Book()
    book.open(_told())
    assert book.open(OpenCall(CALL, "199", 900.0)) == _told()
    assert book.open(_told(caller="1133334444", test=False)) == _told()
