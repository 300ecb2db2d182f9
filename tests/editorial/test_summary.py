"""A summary is two whole sentences: what is done, and what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from editorial.abstracts import added_words, broken_rules, real_abstracts
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial.sentences import is_whole, sentences
from digest.editorial.summary import summarise

BACKGROUND = "Recent lamps have made great strides. However, they remain dim."
DONE = "In this paper, we present GlowNet, a new lamp for reading in bed."
DETAIL = "Specifically, GlowNet bends light around the pillow."
CAME_OUT = "Experiments show that GlowNet outperforms candles by 12% on three pillows."
RELEASE = "Code is available at https://code.example/glownet."


def test_what_is_done_and_what_comes_out_are_taken_in_order() -> None:
    said = summarise(" ".join((BACKGROUND, DONE, DETAIL, CAME_OUT, RELEASE)))
    assert said.summary == f"{DONE} {CAME_OUT}"
    assert said.brief == DONE


def test_latex_is_readable_in_it() -> None:
    said = summarise(r"We present $\mu$Flow. Experiments show \textbf{7.6times} lower cost of 5\%.")
    assert said.summary == "We present μFlow. Experiments show 7.6× lower cost of 5%."


def test_a_sentence_that_says_nothing_of_what_came_out_is_left_out() -> None:
    assert summarise(f"{DONE} {RELEASE}").summary == DONE


def test_where_nothing_came_out_the_next_sentence_tells_how_it_works() -> None:
    works = "The lamp is fed by a spring in the pillow."
    assert summarise(f"{BACKGROUND} {DONE} {works} {RELEASE}").summary == f"{DONE} {works}"


def test_a_validation_or_a_negation_is_not_what_is_done() -> None:
    other = "To validate it, we construct the largest pillow of all. This work does not introduce a bed."
    assert summarise(f"{other} {DONE}").brief == DONE


def test_a_sentence_that_points_back_needs_the_one_before_it() -> None:
    pointing = "It reaches 99% accuracy and outperforms all baselines."
    apart = summarise(f"{DONE} {DETAIL} {pointing} {CAME_OUT}").summary
    assert apart == f"{DONE} {CAME_OUT}"
    assert summarise(f"{DONE} {pointing} {DETAIL}").summary == f"{DONE} {pointing}"


def test_a_pair_too_long_gives_way_to_one_that_fits() -> None:
    endless = "We present " + "a very long lamp and " * 30 + "nothing else."
    said = summarise(f"{endless} {DONE} {CAME_OUT}")
    assert said.summary == f"{DONE} {CAME_OUT}"
    assert summarise(endless) == summarise("")
    assert summarise(f"{DONE} {CAME_OUT}", longest=len(DONE)).summary == DONE


def test_the_best_alone_is_not_given_up_for_a_poor_pair() -> None:
    best = DONE.replace(".", " " + "and in chairs and on sofas " * 15 + "too.")
    hint = "The lamp was found long ago."
    assert summarise(f"{hint} {best} {CAME_OUT} {CAME_OUT}").summary == best


def test_a_sentence_cut_by_the_source_is_not_used() -> None:
    assert summarise(f"{DONE} Experiments show that GlowNet outperf").summary == DONE
    assert summarise("Experiments show that GlowNet outperf...").summary == ""
    assert summarise("A lamp that is read with the").brief == ""


def test_a_lone_line_without_a_full_stop_is_a_summary() -> None:
    assert summarise("A lamp for reading in bed").brief == "A lamp for reading in bed"


def test_of_nothing_there_is_no_summary() -> None:
    assert summarise("") == summarise(" \n ")
    assert summarise("").summary == summarise("").brief == ""


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [BACKGROUND, DONE, DETAIL, CAME_OUT, RELEASE, "Why? No!", "(1) Ha. It"]
            ),
            st.text(max_size=80),
        ),
        max_size=12,
    ).map(" ".join),
    st.integers(0, 500),
)
def test_it_is_whole_sentences_of_the_abstract_s_words_within_the_length(
    text: str, longest: int
) -> None:
    said = summarise(text, title=text[:60], longest=longest, longest_brief=longest)
    for part in (said.summary, said.brief):
        assert len(part) <= longest
        assert not added_words(part, text)


@given(st.lists(st.sampled_from([BACKGROUND, DONE, DETAIL, CAME_OUT, RELEASE]), min_size=1))
def test_an_abstract_of_sentences_always_has_a_summary_and_a_brief(written: list[str]) -> None:
    said = summarise(" ".join(written))
    assert is_whole(said.summary)
    assert is_whole(said.brief)
    assert len(sentences(said.brief)) == 1


def test_it_begins_with_what_a_stranger_understands() -> None:
    issue = "To address this issue, we also propose GlowNet, a lamp for reading in bed."
    these = "These results suggest that GlowNet outperforms candles by 12%."
    said = summarise(f"{BACKGROUND} {issue} {DETAIL} {these}")
    assert said.summary == (
        "We propose GlowNet, a lamp for reading in bed. "
        "The results suggest that GlowNet outperforms candles by 12%."
    )


def test_a_sentence_that_speaks_of_what_is_not_shown_is_not_chosen() -> None:
    vague = "We present a lamp that copes with these draughts in the attic."
    plain = "We present GlowNet, a lamp that burns in any wind."
    assert summarise(f"Attics have draughts. {vague} {DETAIL} {plain}").brief == plain


def test_what_cannot_be_reworded_follows_the_sentence_that_explains_it() -> None:
    attics = "Attics have draughts that put out lamps."
    vague = "We present GlowNet, a lamp for tending moths in these draughts."
    assert summarise(f"Moths are old. {attics} {vague}").summary == f"{attics} {vague}"


def test_an_acronym_of_another_sentence_is_said_in_full() -> None:
    said = summarise(
        "Moth lamp tasks (MLTs) are hard. We present GlowNet, a lamp for MLTs in attics."
    )
    assert said.brief == "We present GlowNet, a lamp for moth lamp tasks (MLTs) in attics."


def test_the_sentence_with_the_paper_s_name_is_about_the_paper() -> None:
    other = "We introduce a new window for attics."
    named = "We introduce GlowNet, a new lamp for attics."
    assert summarise(f"{other} {named}", title="GlowNet: A Lamp for Attics").brief == named
    assert summarise(f"{other} {named}", title="A Window for Attics").brief == other


def test_a_name_that_nothing_has_said_is_not_in_the_second_sentence() -> None:
    coined = "We call the wick that we train for it WickQ7."
    unknown = "Experiments show that WickQ7 improves reading by 12%."
    named = "Experiments show that GlowNet improves reading by 9%."
    assert (
        summarise(f"{DONE} {coined} {unknown} {named}", title="GlowNet").summary
        == f"{DONE} {named}"
    )


def test_a_structured_abstract_gives_its_aim_and_its_result() -> None:
    written = (
        "Background: Moths are common. Objective: To determine whether lamps draw moths in attics. "
        "Methods: We hung 40 lamps. Results: Lamps drew 312 moths against 12 in the dark. "
        "Trial registration: M12."
    )
    assert summarise(written).summary == (
        "The objective is to determine whether lamps draw moths in attics. "
        "Lamps drew 312 moths against 12 in the dark."
    )


def test_a_sentence_too_long_goes_without_its_last_clause() -> None:
    endless = DONE[:-1] + ", which " + "burns and shines and " * 30 + "glows."
    assert summarise(endless).brief == DONE


@pytest.mark.real
def test_real_abstracts_give_whole_sentences_within_the_length_and_without_markup(
    real_data: Path,
) -> None:
    abstracts = real_abstracts(real_data)
    assert len(abstracts) > 700
    assert {rule: abstract for abstract in abstracts for rule in broken_rules(abstract)} == {}
    assert all(summarise(abstract).brief for abstract in abstracts)


def test_a_pair_that_fits_only_without_a_last_clause_is_better_than_half_of_it() -> None:
    clause = ", enabling the keeper of an attic to sleep at night " + "and by day " * 20
    done = f"We propose LampNet, a novel model that counts the moths of an attic by their shadows on a wall{clause.rstrip()}."
    found = (
        "Experiments show that LampNet outperforms the best lamp by 12% on four datasets of moths"
        + (
            ", which the keepers of the attics of a whole town have collected by hand in a hundred years"
        )
    )
    both = summarise(f"{done} {found}.").summary
    assert both.startswith("We propose LampNet")
    assert "outperforms the best lamp by 12%" in both
    assert len(both) <= 580


def test_closing_hopes_and_side_results_give_way_to_the_main_finding() -> None:
    text = (
        "We propose LampNet, a novel lamp for the moths of an attic. "
        "Our LampNet counts 42 moths in a night, twice as many as the best lamp, and outperforms it on all walls. "
        "Our sincere hope is that attics are improved and achieve better results than barns. "
        "Our contribution provides new insights on attics."
    )
    assert summarise(text).summary == text[: text.index(" Our sincere")]


def test_a_name_said_only_elsewhere_does_not_open_the_summary() -> None:
    text = (
        "Moths are shy. We collect MothSet, a dataset of wings. "
        "Based on MothSet, we propose LampNet, a novel unified lamp that counts moths. "
        "Experiments show that LampNet outperforms candles by 12%."
    )
    assert summarise(text, title="LampNet: a lamp").summary == (
        "We propose LampNet, a novel unified lamp that counts moths. "
        "Experiments show that LampNet outperforms candles by 12%."
    )


def test_the_gains_of_nothing_shown_are_not_the_result() -> None:
    text = (
        "We propose a novel lamp for the moths of an attic. It is made of green glass. "
        "Across four attics, our lamp improves the count of moths by 12%. "
        "The gains extend to barns, where our lamp improves the count by 30% and outperforms candles."
    )
    assert "The gains" not in summarise(text).summary


def test_a_name_among_the_data_of_a_result_is_no_riddle() -> None:
    text = (
        "We propose LampNet, a novel lamp for the moths of an attic. "
        "We build MothSet, a dataset of wings. "
        "It is a lamp with a wick of wool and a hood of green glass. "
        "Experiments show that our lamp outperforms candles by 12% on WingSet and MothSet benchmarks."
    )
    assert summarise(text).summary.endswith("on WingSet and MothSet benchmarks.")


def test_the_result_of_the_system_named_in_the_title_is_told_by_its_name() -> None:
    text = (
        "Attics are dark. We introduce LampNet, a lamp framework for the moths of attics. "
        "LampNet consistently draws moths. "
        "On MothBench, it substantially improves the count of moths, from 38.79% to 82.38%."
    )
    assert summarise(text, title="LampNet: Counting Moths").summary == (
        "We introduce LampNet, a lamp framework for the moths of attics. "
        "On MothBench, LampNet substantially improves the count of moths, from 38.79% to 82.38%."
    )


def test_the_contribution_that_the_title_names_is_told_before_another() -> None:
    text = (
        "We present MothBench, a benchmark of 5,000 moths for lamps and attics. "
        "Using MothBench, we show that no lamp achieves good counts on all attics. "
        "We present LampNet, a framework of three steps for attics. "
        "LampNet is the first lamp to achieve good counts, reaching 42 moths."
    )
    assert summarise(text, title="LampNet: A Lamp").summary == (
        "We present LampNet, a framework of three steps for attics. "
        "LampNet is the first lamp to achieve good counts, reaching 42 moths."
    )


def test_a_result_of_a_demonstrated_effect_gives_way_to_one_that_says_which() -> None:
    text = (
        "We propose LampNet, a new lamp for the moths of an attic. "
        "LampNet improves the count of moths with significantly reduced cost. "
        "Experiments on three attics validate the effectiveness of LampNet."
    )
    assert "reduced cost" in summarise(text, title="LampNet: a lamp").summary


def test_code_released_along_with_a_benchmark_does_not_hide_the_benchmark() -> None:
    text = (
        "Moths are old. We construct a unified benchmark of 15 attics on which we evaluate lamps, "
        "and also open-source a codebase. "
        "We provide the wicks of lamps to make the cost affordable."
    )
    assert "unified benchmark" in summarise(text).summary


def test_a_result_whose_finding_goes_with_its_last_clause_is_none() -> None:
    text = (
        "We introduce LampBench, a benchmark of lamps. They are all old. "
        "We evaluate lamps along brightness, cost, and age, showing that these measures strongly track moths. "
        "Across a broad set of attics, we find that oil lamps form a clear tier above candles."
    )
    assert "oil lamps" in summarise(text, title="LampBench: Lamps").summary


def test_of_contributions_the_first_is_said_by_itself() -> None:
    text = (
        "The objective of this paper is to be able to see. We make the following three contributions: "
        "(i) we introduce a new lamp that is lit at night. Lamps are dear."
    )
    assert summarise(text).brief == "We introduce a new lamp that is lit at night."


def test_what_the_title_names_is_no_riddle() -> None:
    text = (
        "Moths are old. Lamps demand not a bigger wick but a harness. "
        "We build this harness in two forms: LampNet, a lamp for attics, and LampNet-2, a lamp for barns."
    )
    said = summarise(text, title="LampNet: A Harness for Lamps").summary
    assert said.startswith("We build this harness")
    assert summarise(text, title="LampNet").summary != said
