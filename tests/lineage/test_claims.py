from pathlib import Path

import pytest
from msgspec.structs import replace as altered

import thidua_analysis as td
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import ConfigError
from thidua_analysis.lineage.claims import read

PUBLISHED = Path(__file__).parents[2] / "tests" / "sample" / "data" / "raw" / "published.toml"

#: What the claims of 2023 give; everything else cannot be derived.
REPRODUCED = {
    "2023-non-leader-rise": "46,7% → 52,0%; 53,0% → 56,3%; 57,9% → 61,1%; "
    "63,1% → 66,4%; 67,1% → 70,2%",
    "2023-non-leader-share": "52,0% – 70,2%",
    "2023-gifts": "53.211 suất quà",
    "2023-union-houses-and-gifts": "48,4 tỷ đồng",
    "2023-union-initiatives": "3.666 sáng kiến",
    "2023-union-target": "159,0%",
    "2023-union-days-early": "265 ngày",
    "2023-initiatives-recognized": "2.060 sáng kiến",
    "2023-union-rank-cluster": "3/7",
    "2023-union-rank-nation": "25/82",
    "2023-flag": "LĐLĐ",
    "2023-certificates": "Hội LHPN, Hội Nông dân",
    "2023-head": "LĐLĐ",
    "2023-deputy": "Hội LHPN",
    "2024-head": "Hội LHPN",
}


@pytest.fixture
def verdicts(samples):
    return td.verify(samples, PUBLISHED)


def test_every_derivable_claim_of_2023_is_reproduced(verdicts):
    found = verdicts[verdicts.verdict == "reproduced"]
    assert dict(zip(found.id, found.computed, strict=True)) == REPRODUCED


def test_the_others_say_why_they_cannot_be_derived(verdicts):
    rest = verdicts[verdicts.verdict != "reproduced"]
    assert set(rest.verdict) == {"cannot-be-derived"}
    assert len(rest) == 8
    assert all(rest.why)
    assert not any(rest.computed)


def test_assumptions_are_said(verdicts):
    why = verdicts.set_index("id").why
    assert "2.306" in why["2023-union-target"]
    assert "giả định" in why["2023-union-days-early"]


def test_every_computed_claim_names_its_figures(verdicts, samples):
    numbers = verdicts[[not isinstance(f, float) and bool(f) for f in verdicts.figures]]
    assert len(numbers) == 10
    for figures in numbers.figures:
        for figure in figures:
            assert not td.trace(figure, samples).empty


def write(tmp_path, **claim):
    lines = [f"{key} = {value}" for key, value in claim.items()]
    path = tmp_path / "published.toml"
    words = 'id = "a"\nyear = 2023\ntext = { vi = "a", en = "a" }\nsource = "b"\n'
    path.write_text(f"[[claim]]\n{words}" + "\n".join(lines), encoding="utf-8")
    return path


def test_without_a_file_of_claims_there_is_nothing_to_verify(samples, tmp_path):
    assert td.verify(samples, tmp_path / "published.toml").empty


MEASURE = "Suất quà tặng hộ khó khăn"
GIFTS = f'{{ indicator = "result_total", by = ["year"], year = 2023, measure = "{MEASURE}" }}'


@pytest.mark.parametrize(
    ("value", "qualifier", "verdict"),
    [
        ("53211", "=", "reproduced"),
        ("53212", "=", "does-not-follow"),
        ("53000", ">", "reproduced"),
        ("53211", ">", "does-not-follow"),
        ("52000", ">", "does-not-follow"),
        ("54000", "nearly", "reproduced"),
        ("53000", "about", "reproduced"),
        ("52000", "about", "does-not-follow"),
    ],
)
def test_qualifiers(samples, tmp_path, value, qualifier, verdict):
    path = write(
        tmp_path, kind='"number"', value=value, qualifier=f'"{qualifier}"', computed_from=GIFTS
    )
    assert td.verify(samples, path).verdict.item() == verdict


def test_over_2000_in_a_submission_supports_over_2000(submissions, bloc, tmp_path):
    from dataclasses import replace

    from thidua_analysis.submission.rows import Note

    sent = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    gifts = altered(
        sent.rows["results"][0],
        values={**sent.rows["results"][0].values, "quantity": 2000},
        notes={"quantity": Note("trên 2.000", bound="gt")},
    )
    ds = Dataset.of([replace(sent, rows={"results": (gifts,)})], bloc)
    path = write(tmp_path, kind='"number"', value="2000", qualifier='">"', computed_from=GIFTS)
    row = td.verify(ds, path).iloc[0]
    assert (row.verdict, row.computed) == ("reproduced", "trên 2.000 suất quà")


def test_a_missing_member_is_no_contradiction(submissions, bloc, tmp_path):
    without = Dataset.of([s for s in submissions if s.path != "2023/ldld.xlsx"], bloc)
    path = write(tmp_path, kind='"number"', value="53211", computed_from=GIFTS)
    row = td.verify(without, path).iloc[0]
    assert (row.verdict, row.why) == ("cannot-be-derived", "số liệu chưa đủ: LĐLĐ")


def test_a_year_without_data_cannot_be_derived(samples, tmp_path):
    path = write(tmp_path, kind='"number"', value="1", computed_from=GIFTS.replace("2023", "2019"))
    assert td.verify(samples, path).verdict.item() == "cannot-be-derived"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": '"number"', "value": "1"},
        {"kind": '"number"', "value": "1", "computed_from": '{ indicator = "no_such" }'},
        {"kind": '"guess"', "value": "1", "computed_from": GIFTS},
        {"kind": '"number"', "valu": "1", "computed_from": GIFTS},
    ],
)
def test_a_wrong_claim_is_named_at_load(tmp_path, wrong):
    with pytest.raises(ConfigError):
        read(write(tmp_path, **wrong))


def test_a_claim_in_english(submissions, bloc):
    found = td.verify(Dataset.of(submissions, bloc, "en"), PUBLISHED).set_index("id")
    assert found.loc["2023-gifts", "claim"] == "53,211 gifts for households in need"
    assert found.loc["2023-initiatives-recognized", "published"] == "over 2,000 initiatives"
