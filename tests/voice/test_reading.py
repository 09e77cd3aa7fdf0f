"""How values are read aloud, and how numbers and abbreviations are spelled for the voice."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.texts import HOWS as HOWS_OF_DIALPLANS
from ivr.texts import LANGUAGES as LANGUAGES_OF_DIALPLANS
from terms.protocol_number import protocol_of
from voice.index import LANGUAGES
from voice.joining import bare, fewest
from voice.numbers import cardinal, money, number
from voice.phonemes import ALPHABET, Unpronounceable, phonemes, tokens_of
from voice.reading import HOWS, PAUSE, TEXT, grouped_digits, spoken
from voice.spelling import from_outside, in_words, sentences
from voice.texts import DIGIT_WORDS
from voice.words import words_to_record

espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
RECORDED = {bare(words) for language, words in words_to_record() if language == "pt"}


def test_the_ways_and_the_languages_are_those_of_the_dialplans() -> None:
    assert {*HOWS, TEXT} == set(HOWS_OF_DIALPLANS)
    assert set(LANGUAGES) == set(LANGUAGES_OF_DIALPLANS) == set(DIGIT_WORDS)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "zero"),
        (6, "seis"),
        (14, "catorze"),
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
        (2_000_001, "dois milhões e um"),
    ],
)
def test_numbers(value: int, words: str) -> None:
    assert cardinal(value) == words


@pytest.mark.parametrize("value", [-1, 1_000_000_000])
def test_numbers_out_of_range(value: int) -> None:
    with pytest.raises(ValueError, match="fora de"):
        cardinal(value)


@pytest.mark.parametrize(
    ("value", "language", "words"),
    [
        ("3,5", "pt", "três vírgula cinco"),
        ("0,05", "pt", "zero vírgula zero cinco"),
        ("3.50", "pt", "três vírgula cinco"),
        ("-2", "pt", "menos dois"),
        ("1.234", "pt", "mil duzentos e trinta e quatro"),
        ("2.5", "en", "two point five"),
        ("21000", "es", "veintiún mil"),
    ],
)
def test_numbers_as_they_are_written(value: str, language: str, words: str) -> None:
    assert number(value, language) == words


@pytest.mark.parametrize(
    ("value", "language", "words"),
    [
        ("12.50", "pt", "doze reais e cinquenta centavos"),
        ("R$ 1.234,05", "pt", "mil duzentos e trinta e quatro reais e cinco centavos"),
        ("1", "pt", "um real"),
        ("0,01", "pt", "um centavo"),
        ("0", "pt", "zero reais"),
        ("2000000", "pt", "dois milhões de reais"),
        ("21,21", "es", "veintiún reales con veintiún centavos"),
        ("1,50", "en", "one real and fifty centavos"),
    ],
)
def test_money(value: str, language: str, words: str) -> None:
    assert money(value, language) == words


@pytest.mark.parametrize("value", ["", "abc", "1e5", "nan", "inf", "1_000", "12345678901", "٣"])
def test_what_is_no_number(value: str) -> None:
    with pytest.raises(ValueError, match="não é um número"):
        number(value)


@pytest.mark.parametrize(
    ("value", "how", "phrases"),
    [
        ("2026-11-25", "data", "vinte e cinco de novembro de dois mil e vinte e seis"),
        ("01/01/2027", "data", "primeiro de janeiro de dois mil e vinte e sete"),
        (
            "2026-11-25T02:30:00Z",
            "data",
            "vinte e quatro de novembro de dois mil e vinte e seis",
        ),
        ("2026-11-25T02:30:00Z", "hora", "vinte e três horas e trinta minutos"),
        ("14:30", "hora", "catorze horas e trinta minutos"),
        ("14:30:59", "hora", "catorze horas e trinta minutos"),
        ("8h", "hora", "oito horas"),
        ("1h01", "hora", "uma hora e um minuto"),
        ("21:00", "hora", "vinte e uma horas"),
        ("00:00", "hora", "meia-noite"),
        ("12:05", "hora", "meio-dia e cinco minutos"),
        ("47", "numero", "quarenta e sete"),
        ("0,5", "numero", "zero vírgula cinco"),
        ("amanhã", "data", "amanhã"),
        ("25:00", "hora", "vinte e cinco:zero zero"),
        ("31/02/2026", "data", "trinta e um, zero dois, dois mil e vinte e seis"),
        ("Tapa-buraco", "texto", "Tapa-buraco"),
        ("Tapa-buraco", "desconhecido", "Tapa-buraco"),
    ],
)
def test_values_in_portuguese(value: str, how: str, phrases: str) -> None:
    assert spoken(value, how) == ("pt", (phrases,))


@pytest.mark.parametrize(
    ("value", "how", "language", "phrase"),
    [
        ("2026-11-25", "data", "en", "November twenty-fifth, twenty twenty-six"),
        ("2026-11-01", "data", "es", "primero de noviembre de dos mil veintiséis"),
        ("14:05", "hora", "en", "two oh five in the afternoon"),
        ("00:00", "hora", "en", "midnight"),
        ("09:00", "hora", "en", "nine o'clock in the morning"),
        ("1:21", "hora", "es", "una hora y veintiún minutos"),
    ],
)
def test_values_in_other_languages(value: str, how: str, language: str, phrase: str) -> None:
    assert spoken(value, how, language) == (language, (phrase,))


def test_a_text_from_the_citys_systems_stays_portuguese() -> None:
    assert spoken("Rua Direita", "texto", "en") == ("pt", ("Rua Direita",))
    assert spoken("amanhã", "data", "es").language == "pt"


@pytest.mark.parametrize(
    ("value", "how", "read"),
    [
        ("012345674", "protocolo", "012 345 674"),
        ("1234567890", "protocolo", "123 456 7890"),
        ("1234", "digitos", "1234"),
        ("12345", "digitos", "123 45"),
        ("123.456.789-09", "digitos", "123 456 789 09"),
        ("0800 779 0156", "telefone", "0800 779 0156"),
        ("98765-4321", "telefone", "98765 4321"),
        ("3397-6000", "telefone", "3397 6000"),
        ("199", "telefone", "199"),
    ],
)
def test_digits_are_read_in_groups(value: str, how: str, read: str) -> None:
    digit_of = {word: digit for digit, word in DIGIT_WORDS["pt"].items()} | {PAUSE: " "}
    assert "".join(digit_of[phrase] for phrase in spoken(value, how).phrases) == read


@pytest.mark.parametrize("value", ["+5511987654321", "(11) 98765-4321", "11987654321"])
def test_an_area_code_is_one_number(value: str) -> None:
    phrases = spoken(value, "telefone").phrases
    assert phrases[:3] == ("onze", PAUSE, "Nove.")
    assert phrases.count(PAUSE) == 2


@given(st.text(alphabet="0123456789", max_size=40))
def test_no_digit_is_lost_and_no_group_is_one_digit(digits: str) -> None:
    phrases = grouped_digits(digits)
    words = DIGIT_WORDS["pt"]
    assert [phrase for phrase in phrases if phrase != PAUSE] == [words[digit] for digit in digits]
    groups = " ".join(phrases).split(PAUSE) if phrases else []
    assert len(groups) < 2 or all(2 <= len(group.split()) <= 4 for group in groups)


@given(st.integers(0, 99_999_999))
def test_every_protocol_is_read_whole(sequence: int) -> None:
    assert len(spoken(str(protocol_of(sequence)), "protocolo").phrases) == 11


@given(
    st.one_of(
        st.tuples(st.integers(0, 999_999_999).map(str), st.just("numero")),
        st.tuples(
            st.decimals(0, 10_000_000, places=2, allow_nan=False).map(str), st.just("dinheiro")
        ),
        st.tuples(st.dates().map(str), st.just("data")),
        st.tuples(st.times().map(lambda at: f"{at:%H:%M}"), st.just("hora")),
    )
)
def test_every_number_date_hour_and_amount_is_put_together(read: tuple[str, str]) -> None:
    """In Portuguese nothing of these needs a voice during the call."""
    for phrase in spoken(*read).phrases:
        assert fewest(bare(phrase).split(), RECORDED.__contains__), phrase


@given(st.text(max_size=60), st.sampled_from([*HOWS_OF_DIALPLANS, "x"]), st.sampled_from(LANGUAGES))
def test_any_value_can_be_asked_for(value: str, how: str, language: str) -> None:
    language, phrases = spoken(value, how, language)
    assert language in LANGUAGES
    assert all(phrase.strip() for phrase in phrases)
    assert not any(sign.isdigit() and sign.isascii() for sign in "".join(phrases))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("AV. PAULISTA, 1578 - BELA VISTA",
         "Avenida Paulista, mil quinhentos e setenta e oito, Bela Vista"),
        ("R. Dr. Arnaldo, nº 251 (fundos)",
         "Rua Doutor Arnaldo, número duzentos e cinquenta e um fundos"),
        ("50% & mais", "cinquenta por cento e mais"),
        ("UBS Sé", "u bê ésse Sé"),
        ("  a \n b ", "a b"),
        ("東京", ""),
    ],
)  # fmt: skip
def test_values_from_outside_are_made_fit_to_read(value: str, read: str) -> None:
    assert from_outside(value) == read


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("a b c", ("a b c",)),
        ("a b d", ("a b", "d")),
        ("b c a", ("b", "c", "a")),
        ("a x", ()),
        ("", ()),
    ],
)
def test_the_fewest_parts_are_taken(words: str, parts: tuple[str, ...]) -> None:
    assert fewest(words.split(), {"a b c", "a b", "a", "b", "c", "d"}.__contains__) == parts


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


def test_texts_in_words_of_other_languages() -> None:
    assert in_words("Dial 193 or 45.", "en") == "Dial one nine three or forty-five."
    assert in_words("Marque 193 o 45.", "es") == "Marque uno nueve tres o cuarenta y cinco."


def test_sentences_keep_their_marks() -> None:
    assert sentences(" Oi! Tudo bem?  Sim… Pois é. ") == ["Oi!", "Tudo bem?", "Sim…", "Pois é."]


def test_the_alphabet_has_no_two_letters_with_one_number() -> None:
    assert len(set(ALPHABET.values())) == len(ALPHABET) == 114


@espeak
@pytest.mark.parametrize(
    ("sentence", "language", "sounds"),
    [
        ("Digite nove.", "pt", "ʤˌiʒˈiʧy nˈɔvy."),
        ("Não, obrigado!", "pt", "nˈɐ̃ʊ̃, ˌobrigˈadʊ!"),
        ("Press the button.", "en", "pɹˈɛs ðə bˈʌtᵊn."),
        ("¿Ciudad?", "es", "sjuðˈad?"),
    ],
)
def test_sounds(sentence: str, language: str, sounds: str) -> None:
    assert phonemes(sentence, language).replace("ɡ", "g") == sounds


@espeak
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt", "Quatorze bilhões de lhamas, pinguins e caranguejos: “já”, não? Ônibus; (axé)!"),
        ("en", "The quick brown fox judges my vow: thirty leisure cars, a little water, boys."),
        ("es", "¡El pingüino Wenceslao hizo kilómetros! Muñeca, jefe, lluvia, yo, zapato."),
    ],
)
def test_every_sound_has_a_letter_of_the_model(language: str, text: str) -> None:
    assert all(1 <= token <= 177 for token in tokens_of(text, language))


@pytest.mark.parametrize("sign", list("%$«東7\n"))
def test_signs_that_nobody_can_read_aloud_are_refused(sign: str) -> None:
    with pytest.raises(Unpronounceable, match="escreva por extenso"):
        tokens_of(f"ótimo {sign} dia")
