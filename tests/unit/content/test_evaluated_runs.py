"""From what a run left behind to its report: each fault that it may have, found in the stored things themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from kairo.stages.content.contracts import ClaimDTO, ClaimStatus, PackageBand, VariantBand
from kairo.stages.content.rules.evaluating import RunSigns, mean_overlap, repeats
from kairo.stages.content.rules.evaluating_compare import compare, figures_of, since
from kairo.stages.content.rules.evaluating_page import comparison_page, page
from kairo.stages.content.rules.evaluating_report import EvalError, ModelUse, ObsHealth, QualityBand, Stage
from kairo.stages.content.rules.evaluating_run import Made, report_of
from kairo.stages.opportunities.contracts import Channel
from tests.factories.evaluations import SUBJECTS, loop_run, made, opportunity, package, variant

STRANGE = UUID(int=99)


def test_a_good_run_is_good_in_every_figure() -> None:
    report = report_of(loop_run())

    assert (report.quality, report.obs_health, report.missed) == (QualityBand.GOOD, ObsHealth.OK, [])
    shares = ["opportunity_validity", "package_validity", "variant_validity", "evidence_coverage", "quote_fidelity"]
    assert [report.metrics[name] for name in shares] == [1, 1, 1, 1, 1]
    assert (report.metrics["redundancy"], report.metrics["taboo_violations"], report.metrics["quotes"]) == (0, 0, 12)
    assert report.profile["pillars"] == {"Tools": 6}
    assert report.profile["personas"] == {"Home barista": 0, "(none)": 6}


def test_an_id_that_leads_nowhere_is_found() -> None:
    made_up = Made(opportunity(0, evidence_ids=[STRANGE]), package=package(0), variants=[variant(0)])

    report = report_of(loop_run([made_up, *map(made, range(1, 6))]))

    assert f"unknown_evidence: {STRANGE}" in report.cases[0].problems
    assert report.quality is QualityBand.INVALID
    assert report.metrics["ids_resolved"] == pytest.approx(11 / 12, abs=1e-4)
    assert report.metrics["evidence_coverage"] == pytest.approx(11 / 12, abs=1e-4)


def test_a_quote_that_differs_by_one_letter_is_found() -> None:
    good = opportunity(0)
    wrong = good.evidence[0].model_copy(update={"quote": "Which of these kettles last longest"})
    misquoting = Made(good.model_copy(update={"evidence": [wrong]}), package=package(0), variants=[variant(0)])

    report = report_of(loop_run([misquoting, *map(made, range(1, 6))]))

    assert report.cases[0].problems == ["quote_not_found: “Which of these kettles last longest”"]
    assert report.metrics["quote_fidelity"] == pytest.approx(11 / 12, abs=1e-4)
    assert (report.quality, report.metrics["uncited_claims"]) == (QualityBand.INVALID, 1)


def test_a_claim_that_passes_for_cited_and_stands_on_nothing_is_found() -> None:
    bare = ClaimDTO(text="Nine of ten agree.", status=ClaimStatus.CITED)
    report = report_of(loop_run([Made(opportunity(0), package=package(0), variants=[variant(0, claims=[bare])])]))

    assert report.cases[0].variants[0].problems == ["uncited_claim: “Nine of ten agree.”"]
    assert report.quality is QualityBand.INVALID


def test_a_claim_that_says_itself_that_it_is_to_be_checked_is_none_against_the_run() -> None:
    marked = ClaimDTO(text="Nine of ten agree.", status=ClaimStatus.TO_CHECK)
    known = ClaimDTO(text="Brew sells kettles.", status=ClaimStatus.CITED, knowledge="positioning")
    case = Made(opportunity(0), package=package(0), variants=[variant(0, claims=[marked, known])])

    report = report_of(loop_run([case, *map(made, range(1, 6))]))

    assert (report.quality, report.metrics["claims_to_check"]) == (QualityBand.GOOD, 1)


def test_what_a_variant_puts_between_quotation_marks_is_searched_in_its_items() -> None:
    claim = ClaimDTO(text="One says: «kettles for ever».", evidence_ids=[UUID(int=1000)], status=ClaimStatus.CITED)
    report = report_of(loop_run([Made(opportunity(0), package=package(0), variants=[variant(0, claims=[claim])])]))

    assert report.cases[0].variants[0].problems == ["quote_not_found: “kettles for ever”"]


def test_a_quote_that_was_cut_is_found_up_to_its_cut() -> None:
    claim = ClaimDTO(text="“Which of these kettles…”", evidence_ids=[UUID(int=1000)], status=ClaimStatus.CITED)
    report = report_of(loop_run([Made(opportunity(0), package=package(0), variants=[variant(0, claims=[claim])])]))

    assert report.cases[0].variants[0].problems == []


def test_evidence_that_the_opportunity_does_not_stand_on_is_foreign() -> None:
    claim = ClaimDTO(text="Somebody said so.", evidence_ids=[UUID(int=1001)], status=ClaimStatus.CITED)
    report = report_of(loop_run([Made(opportunity(0), package=package(0), variants=[variant(0, claims=[claim])])]))

    assert report.cases[0].variants[0].problems == [f"foreign_evidence: {UUID(int=1001)}"]


@pytest.mark.parametrize(
    "case",
    [
        Made(opportunity(0, title="A cure for kettles"), package=package(0), variants=[variant(0)]),
        Made(opportunity(0), package=package(0, thesis="It will cure you."), variants=[variant(0)]),
        Made(opportunity(0), package=package(0), variants=[variant(0, call_to_action="Get the cure.")]),
    ],
)
def test_a_taboo_makes_the_run_invalid_wherever_it_stands(case: Made) -> None:
    report = report_of(loop_run([case, *map(made, range(1, 6))], taboos=["cure"]))

    assert (report.quality, report.metrics["taboo_violations"]) == (QualityBand.INVALID, 1)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "Kettles"}, "title: says nothing"),
        ({"angle": "Do it well"}, "angle: says nothing"),
        ({"why_now": " "}, "why_now: empty"),
        ({"evidence": []}, "no_quote: nothing is quoted"),
    ],
)
def test_an_opportunity_that_says_nothing_is_not_valid(changes: dict[str, object], problem: str) -> None:
    report = report_of(loop_run([Made(opportunity(0, **changes), package=package(0), variants=[variant(0)])]))

    assert report.cases[0].problems == [problem]
    assert report.metrics["opportunities_valid"] == 0


def test_a_variant_past_its_channels_limit_is_not_valid_and_does_not_fit() -> None:
    long = variant(0, channel=Channel.X, body="word " * 80, claims=[])
    report = report_of(loop_run([Made(opportunity(0), package=package(0), variants=[long])]))

    assert report.cases[0].variants[0].channel_fit == 0
    assert report.cases[0].variants[0].problems == ["limit: body: too long, in characters: 419 of at most 280"]


def test_what_is_in_the_band_invalid_is_not_valid() -> None:
    weak = Made(
        opportunity(0),
        package=package(0, quality_band=PackageBand.INVALID),
        variants=[variant(0, quality_band=VariantBand.INVALID)],
    )
    report = report_of(loop_run([weak, *map(made, range(1, 6))]))

    assert (report.metrics["packages_valid"], report.metrics["variants_valid"]) == (5, 5)


def test_a_text_that_could_not_be_written_counts_as_one_that_is_not_valid() -> None:
    half = Made(opportunity(0), package=package(0, channels=[Channel.LINKEDIN, Channel.X]))
    error = EvalError(stage=Stage.VARIANTS, place=1, message="The model stumbled.")
    run = loop_run([half, *map(made, range(1, 6))], errors=[error], signs=RunSigns(failures=("variants: stumbled",)))

    report = report_of(run)

    assert (report.metrics["variants"], report.metrics["variants_valid"]) == (7, 5)
    assert (report.quality, report.obs_health) == (QualityBand.PARTIAL, ObsHealth.FAILED)
    assert report.errors == [error]


def test_only_what_was_asked_for_counts_as_a_package() -> None:
    report = report_of(loop_run([*map(made, range(3)), *(Made(opportunity(n), asked=False) for n in range(3, 6))]))

    assert (report.metrics["opportunities"], report.metrics["packages"]) == (6, 3)
    assert report.quality is QualityBand.GOOD


def test_a_board_without_opportunities_has_no_shares() -> None:
    report = report_of(loop_run([]))

    assert report.quality is QualityBand.INVALID
    assert [report.metrics[name] for name in ("quote_fidelity", "redundancy", "channel_fit")] == [None, None, None]


def test_a_suggestion_repeats_an_earlier_one_by_words_by_meaning_or_by_its_posts() -> None:
    first = opportunity(0)
    same_words = opportunity(1, title=first.title, angle=first.angle)
    same_posts = opportunity(2, evidence_ids=first.evidence_ids)
    alike = opportunity(3, title="Which kettles do really last")

    assert repeats([first, same_words, same_posts, alike, opportunity(4)]) == [False, True, True, False, False]
    assert repeats([first, alike], lambda one, other: 0.95) == [False, True]
    assert repeats([first, opportunity(4, title="How long beans keep their smell")], lambda one, other: 0.95) == [
        False,
        False,
    ]


def test_the_overlap_of_one_alone_is_not_known() -> None:
    assert mean_overlap([opportunity(0)]) is None
    assert mean_overlap([opportunity(0), opportunity(0)]) == 1


def test_ids_and_durations_are_no_difference() -> None:
    earlier = report_of(loop_run())
    later = report_of(loop_run(made_at=earlier.made_at + timedelta(days=1), latency_ms={"board": 99, "total": 200}))

    found = since(earlier, later, file="earlier.json")

    assert (found.unlike, found.changes, found.new_titles, found.lost_titles) == ([], [], [], [])
    assert "Nothing but durations differs from earlier.json" in page(later.model_copy(update={"previous": found}))


def test_each_figure_that_changed_is_told_with_both_its_values() -> None:
    earlier, later = report_of(loop_run()), report_of(loop_run([made(number) for number in range(4)]))

    found = since(earlier, later, file="earlier.json")

    by_name = {change.name: (change.before, change.after) for change in found.changes}
    assert by_name["opportunities"] == (6, 4)
    assert by_name["quality"] == ("good", "partial")
    assert found.lost_titles == [f"Which {SUBJECTS[4]} really last", f"Which {SUBJECTS[5]} really last"]


def test_a_comparison_says_which_prompt_or_model_differs() -> None:
    def asked(prompt: str, model: str) -> ModelUse:
        return ModelUse(task="synthesis", prompt=prompt, model=model, calls=1, answered=1, cost_microdollars=20_000)

    earlier = report_of(loop_run(models=[asked("synthesis.md@1", "openai:a")]))
    later = report_of(loop_run(models=[asked("synthesis.md@2", "openai:b")]))

    found = compare(earlier, later, before="a", after="b")

    assert found.prompts == ["synthesis: synthesis.md@1 on openai:a → synthesis.md@2 on openai:b"]
    assert found.unlike == []
    assert figures_of(later)["cost_cents"] == 2
    assert "Another prompt or model" in comparison_page(found)


def test_reports_of_other_posts_are_not_compared_in_silence() -> None:
    earlier = report_of(loop_run())
    inputs = earlier.inputs.model_copy(update={"sha256": "b" * 64})
    later = report_of(loop_run(inputs=inputs, generator="model"))

    assert [line.split(":")[0] for line in compare(earlier, later, before="a", after="b").unlike] == [
        "posts and brand",
        "generator asked for",
    ]


def test_words_of_strangers_stay_words_on_the_page() -> None:
    hostile = opportunity(0, title="Which <b>kettles</b> [last](x)\n# longest | now")

    shown = page(report_of(loop_run([replace(made(0), opportunity=hostile)])))

    assert "### 1. Which \\<b\\>kettles\\</b\\> \\[last\\](x) \\# longest | now (60)" in shown
