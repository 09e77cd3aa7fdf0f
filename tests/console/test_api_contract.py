"""The carrier's file over HTTP: all of it or nothing, and what is kept says who brought it."""

from __future__ import annotations

from api_bed import Bed

HEADER = "dia;numero;ofertadas;entregues;ocupado;nao_atende;falha\n"
SOUND = HEADER + "01/11/2026;156;100;97;1;2;0\n01/11/2026;199;10;10;0;0;0\n"


def test_a_file_is_kept_with_who_brought_it(bed: Bed) -> None:
    with bed.client("admin") as admin:
        answer = admin.post("/v1/contract/carrier", json={"file": "nov.csv", "csv": SOUND})
    assert answer.status_code == 200
    assert answer.json() == {"days": 1, "rows": 2, "first": "2026-11-01", "last": "2026-11-01"}


def test_a_file_with_mistakes_is_not_taken_and_all_are_told(bed: Bed) -> None:
    wrong = SOUND + "02/11/2026;190;1;1;0;0;0\n02/11/2026;153;2;1;0;0;0\n"
    with bed.client("admin") as admin:
        answer = admin.post("/v1/contract/carrier", json={"file": "nov.csv", "csv": wrong})
        assert answer.status_code == 422
        told = answer.json()["erro"].splitlines()
        assert [one.split(":")[0] for one in told] == ["linha 4", "linha 5"]
        empty = admin.post("/v1/contract/carrier", json={"file": "nov.csv", "csv": ""})
        assert (
            empty.json()["erro"] == "valor inválido ou ausente: csv (o texto do arquivo, até 1 MiB)"
        )


def test_a_year_of_days_fits_in_one_request(bed: Bed) -> None:
    rows = [
        f"{day:02}/{month:02}/{year};{number};100;97;1;2;0"
        for year in (2025, 2026)
        for month in range(1, 13)
        for day in range(1, 29)
        for number in ("156", "199", "153", "08000110156")
    ]
    text = HEADER + "\n".join(rows)
    assert len(text) > 64 * 1024
    with bed.client("admin") as admin:
        answer = admin.post("/v1/contract/carrier", json={"file": "anos.csv", "csv": text})
        assert answer.json()["rows"] == len(rows)
