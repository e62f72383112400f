import re

import pytest

from thidua_analysis import indicators
from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.indicators import dictionary
from thidua_analysis.indicators.dictionary import matched, parse

#: DOMAIN: the indicators that a year-end report tabulates.
ASKED = """
commendations awards_by_level awards_by_award awards_by_method awards_by_subject
non_leader_share non_leader_share_residual leader_share women_share ethnic_minority_share
enterprise_share attainment target_status targets_met targets_exceeded over_target days_early
result_total result_value movements initiatives_submitted initiatives_recognized
recognition_rate initiative_benefit rank rank_percentile score_share score_gap vote_share
timeliness completeness
""".split()


def text():
    from importlib import resources

    return (resources.files(dictionary.__package__) / "dictionary.toml").read_text("utf-8")


def test_every_indicator_is_described_and_computed():
    assert set(ASKED) <= set(indicators.functions())
    for name in indicators.functions():
        about = indicators.entry(name)
        assert all(
            words.vi and words.en for words in (about.label, about.definition, about.missing)
        )
        assert getattr(indicators, name) is indicators.functions()[name]


def test_what_a_label_calls_a_number_or_a_rate_its_unit_calls_so_too():
    for name, about in dictionary.dictionary().items():
        if about.label.vi.startswith("Số "):
            assert about.unit.vi not in ("%", "", "đồng"), name
        if about.label.vi.startswith("Tỷ lệ "):
            assert about.unit.vi == "%", name
        if about.unit.vi == "%":
            assert " 100 " not in about.label.vi + about.label.en, name
        assert (about.unit.vi == "đồng") == (about.kind == "amount"), name


def test_every_share_of_the_commended_says_of_what_in_one_word_order():
    entries = dictionary.dictionary()
    for name, about in entries.items():
        if about.of and about.kind == "share" and about.table == "commendations":
            of = f" trong số {about.of.vi} được khen thưởng"
            assert about.label.vi.startswith("Tỷ lệ "), name
            assert about.label.vi.endswith(of), name
    direct = entries["non_leader_share"]
    assert "trực tiếp lao động, công tác" in direct.label.vi
    assert "trực tiếp lao động, công tác" in direct.definition.vi


def test_an_unknown_key_is_refused():
    with pytest.raises(ConfigError) as wrong:
        parse(text().replace('kind = "count"', 'kind = "count"\ncolour = "red"', 1))
    assert wrong.value.params["entry"] == "commendations.colour"


def test_a_missing_key_is_refused():
    with pytest.raises(ConfigError):
        parse(re.sub(r"^decimals = 0\n", "", text(), count=1, flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('formula = "Σ direct / Σ individuals"', 'formula = "Σ directs / Σ individuals"'),
        ('table = "targets"', 'table = "goals"'),
        ('breaks = ["law_2022"', 'breaks = ["law_1999"'),
    ],
)
def test_a_name_that_does_not_exist_is_refused(right, wrong):
    with pytest.raises(ConfigError) as refused:
        parse(text().replace(right, wrong, 1))
    assert refused.value.key == "config-unknown-name"


def test_an_entry_without_a_function_is_refused():
    entries = dictionary.dictionary()
    with pytest.raises(ConfigError) as wrong:
        matched(entries, {k: v for k, v in indicators.functions().items() if k != "rank"})
    assert wrong.value.params["name"] == "rank"


def test_a_function_without_an_entry_is_refused():
    entries = {k: v for k, v in dictionary.dictionary().items() if k != "rank"}
    with pytest.raises(ConfigError) as wrong:
        matched(entries, indicators.functions())
    assert wrong.value.params["name"] == "rank"


def test_an_unknown_indicator_is_named_with_all_that_exist():
    with pytest.raises(UsageError) as wrong:
        indicators.entry("non_leader")
    assert "non_leader_share" in wrong.value.params["accepted"]


def test_english_figures_have_english_texts(submissions, bloc):
    from thidua_analysis.dataset import Dataset

    ds = Dataset.of(submissions, bloc, "en")
    frame = indicators.awards_by_level(ds, year=2021)
    assert frame.attrs["names"]["level"]["state"] == "State"
    assert set(frame.unit) == {"awards"}
    assert set(frame.reason) == {"there are no data of 2020 to compare with"}
    assert indicators.non_leader_share(ds).text[0] == "61.7%"
