"""How numbers and abbreviations are read aloud, and what the voice model is given."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.phonemes import ALPHABET, Unpronounceable, phonemes, tokens_of
from voice.reading import in_words, number_words, sentences

espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (6, "seis"),
        (14, "catorze"),
        (20, "vinte"),
        (47, "quarenta e sete"),
        (100, "cem"),
        (101, "cento e um"),
        (156, "cento e cinquenta e seis"),
        (1_000, "mil"),
        (1_100, "mil e cem"),
        (1_230, "mil duzentos e trinta"),
        (2_026, "dois mil e vinte e seis"),
        (21_000, "vinte e um mil"),
        (999_999, "novecentos e noventa e nove mil novecentos e noventa e nove"),
    ],
)
def test_numbers(number: int, words: str) -> None:
    assert number_words(number) == words


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_numbers_out_of_range(number: int) -> None:
    with pytest.raises(ValueError, match="fora de"):
        number_words(number)


@given(st.integers(0, 999_999))
def test_no_number_keeps_a_digit_or_loses_its_way(number: int) -> None:
    words = number_words(number)
    assert not any(sign.isdigit() for sign in words)
    assert words.split() == words.split(" ")
    assert not words.startswith("e ")
    assert not words.endswith(" e")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Ligue 193.", "Ligue uum nove três."),
        ("Ligue 156.", "Ligue cento e cinquenta e seis."),
        ("Ligue 11987654.", "Ligue uum uum nove oito sete seis cinco quatro."),
        ("SP156, Prefeitura.", "ésse pê cento e cinquenta e seis, Prefeitura."),
        ("Em 24 horas.", "Em vinte e quatro horas."),
        ("Ligue 0800.", "Ligue zero oito zero zero."),
        ("Sem números.", "Sem números."),
    ],
)
def test_texts_in_words(text: str, read: str) -> None:
    assert in_words(text) == read


def test_sentences_keep_their_marks() -> None:
    assert sentences(" Oi! Tudo bem?  Sim… Pois é. ") == ["Oi!", "Tudo bem?", "Sim…", "Pois é."]


def test_the_alphabet_has_no_two_letters_with_one_number() -> None:
    assert len(set(ALPHABET.values())) == len(ALPHABET) == 114


@espeak
@pytest.mark.parametrize(
    ("sentence", "sounds"),
    [
        ("Digite nove.", "ʤˌiʒˈiʧy nˈɔvy."),
        ("Não, obrigado!", "nˈɐ̃ʊ̃, ˌobrigˈadʊ!"),
    ],
)
def test_sounds(sentence: str, sounds: str) -> None:
    assert phonemes(sentence).replace("ɡ", "g") == sounds


@espeak
def test_every_sound_has_a_letter_of_the_model() -> None:
    text = "Quatorze bilhões de lhamas, pinguins e caranguejos: «já», não? Ônibus; vovô (axé)!"
    assert all(1 <= token <= 177 for token in tokens_of(text.replace("«", "“").replace("»", "”")))


@pytest.mark.parametrize("sign", list("%$«東7\n"))
def test_signs_that_nobody_can_read_aloud_are_refused(sign: str) -> None:
    with pytest.raises(Unpronounceable, match="escreva por extenso"):
        tokens_of(f"ótimo {sign} dia")
