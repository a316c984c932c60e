from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from kairo.stages.evidence.contracts import GateKind, GateReport, GateResult, GateThresholds, GateVerdict
from kairo.stages.evidence.rules.gates import GateItem, judge
from tests.factories import evidence
from tests.factories.evidence import AS_OF, gate_item, healthy_items

QUALITY = [
    "insufficient_items",
    "insufficient_text",
    "missing_platforms",
    "low_transcript_coverage",
    "stale_evidence",
]
USABILITY = ["thin_text", "few_authors", "few_urls", "too_many_duplicates", "low_content_ratio"]


def report_on(items: list[GateItem], **thresholds: object) -> GateReport:
    return judge(items, GateThresholds.model_validate(thresholds), as_of=AS_OF)


def gate(report: GateReport, code: str) -> GateResult:
    return next(result for result in report.shortfall.gates if result.code == code)


def failed_codes(report: GateReport) -> set[str]:
    return {result.code for result in report.shortfall.gates if result.verdict is GateVerdict.FAILED}


def test_good_evidence_passes_all_ten_gates_in_order() -> None:
    report = report_on(healthy_items())

    assert report.can_proceed
    assert (report.reason, report.remediation, report.shortfall.failures) == (None, None, [])
    assert [result.code for result in report.shortfall.gates] == QUALITY + USABILITY
    assert [result.kind for result in report.shortfall.gates] == [GateKind.QUALITY] * 5 + [GateKind.USABILITY] * 5
    assert {result.verdict for result in report.shortfall.gates} == {GateVerdict.PASSED}


@pytest.mark.parametrize(
    ("items", "codes", "line", "remedy"),
    [
        (evidence.thin, {"insufficient_items"}, "insufficient_items: 3 items found, need 8", "until at least 8 items"),
        (evidence.without_text, {"insufficient_text"}, "insufficient_text: 5 items with text, need 6", "text column"),
        (
            evidence.on_other_platforms,
            {"missing_platforms"},
            "missing_platforms: reddit found, need at least one of instagram, tiktok",
            "Connect a profile or hashtag on Instagram or TikTok",
        ),
        (
            evidence.videos_without_transcripts,
            {"low_transcript_coverage"},
            "low_transcript_coverage: 25 % of 12 video items have a transcript, need 30 %",
            "with their transcripts",
        ),
        (
            evidence.stale,
            {"stale_evidence"},
            "stale_evidence: 0 items younger than 7 days (the newest is 8.0 days old), need 1",
            "in the 7 days before the run",
        ),
        (evidence.short_texts, {"thin_text"}, "thin_text: 3 items with 30 characters or more, need 4", "longer texts"),
        (
            evidence.one_author_under_many_names,
            {"few_authors"},
            "few_authors: 1 distinct authors, need 3",
            "until at least 3 authors speak",
        ),
        (evidence.same_links, {"few_urls"}, "few_urls: 1 distinct URLs, need 6", "until 6 different ones can be cited"),
        (
            evidence.copy_paste_spam,
            {"too_many_duplicates"},
            "too_many_duplicates: 25 % of the items repeat another (3 of 12), need less than 20 %",
            "posts of their own",
        ),
        (
            evidence.near_duplicate_spam,
            {"too_many_duplicates"},
            "too_many_duplicates: 25 % of the items repeat another (3 of 12), need less than 20 %",
            "posts of their own",
        ),
        (
            evidence.hashtag_only,
            {"low_content_ratio"},
            "low_content_ratio: 50 % of the items hold real content (6 of 12), need 60 %",
            "not only hashtags, emoji or links",
        ),
        (
            evidence.invisible_characters,
            {"low_content_ratio"},
            "low_content_ratio: 50 % of the items hold real content (6 of 12), need 60 %",
            "say something in words",
        ),
    ],
)
def test_each_adversary_is_stopped_by_its_gate_and_told_what_to_bring(
    items: Callable[[], list[GateItem]], codes: set[str], line: str, remedy: str
) -> None:
    report = report_on(items())

    assert codes <= failed_codes(report)
    assert line in report.shortfall.failures
    assert remedy in (report.remediation or "")
    assert not report.can_proceed


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (evidence.on_other_platforms, "missing_platforms"),
        (evidence.videos_without_transcripts, "low_transcript_coverage"),
        (evidence.stale, "stale_evidence"),
        (evidence.without_text, "insufficient_text"),
        (evidence.short_texts, "thin_text"),
        (evidence.one_author_under_many_names, "few_authors"),
        (evidence.same_links, "few_urls"),
        (evidence.copy_paste_spam, "too_many_duplicates"),
        (evidence.hashtag_only, "low_content_ratio"),
    ],
)
def test_what_is_fine_besides_is_not_blamed(items: Callable[[], list[GateItem]], code: str) -> None:
    expected = {code} | ({"low_content_ratio"} if items is evidence.without_text else set())

    report = report_on(items())

    assert failed_codes(report) - expected == set()


def test_too_few_items_alone_fail_only_the_counting_gates() -> None:
    assert failed_codes(report_on(healthy_items()[:7])) == {"insufficient_items"}


def test_no_items_at_all_are_refused_with_one_remedy_that_covers_everything() -> None:
    report = report_on([])

    assert report.reason == "quality_gate_failed"
    assert failed_codes(report) == {
        "insufficient_items",
        "insufficient_text",
        "missing_platforms",
        "stale_evidence",
        "thin_text",
        "few_authors",
        "few_urls",
        "low_content_ratio",
    }
    assert report.remediation is not None
    assert "Connect a profile, hashtag or feed on Instagram or TikTok, or import a file" in report.remediation
    assert report.shortfall.missing_platforms == ["instagram", "tiktok"]
    assert report.summary.newest_at is None


def test_quality_is_named_before_usability() -> None:
    both = [gate_item(number, author="anna", published_at=AS_OF - timedelta(days=9)) for number in range(12)]

    assert report_on(both).reason == "quality_gate_failed"
    assert report_on([gate_item(number, author="anna") for number in range(12)]).reason == "usability_gate_failed"


def test_every_failure_is_listed_not_only_the_first() -> None:
    report = report_on(evidence.sock_puppets())

    assert failed_codes(report) == {"few_authors", "too_many_duplicates"}
    assert [line.partition(":")[0] for line in report.shortfall.failures] == ["few_authors", "too_many_duplicates"]


def test_one_text_under_many_unrelated_names_is_one_voice() -> None:
    report = report_on(evidence.sock_puppets())

    assert gate(report, "few_authors").measured == 1
    assert gate(report, "too_many_duplicates").measured == pytest.approx(11 / 12)
    assert report.summary.authors == 1


def test_names_that_end_in_different_digits_are_different_people() -> None:
    items = [gate_item(number, author=f"user_{number}") for number in range(8)]

    assert gate(report_on(items), "few_authors").measured == 8


def test_authors_do_not_apply_where_no_format_has_such_a_field() -> None:
    items = [gate_item(number, author=None, format_has_author=False) for number in range(12)]

    report = report_on(items)

    assert gate(report, "few_authors").verdict is GateVerdict.NOT_APPLICABLE
    assert report.can_proceed


def test_an_empty_author_field_is_an_unknown_author_not_an_excuse() -> None:
    empty = [gate_item(number, author=" " if number else None) for number in range(11)]
    formless = gate_item(11, author=None, format_has_author=False)

    report = report_on([*empty, formless])

    assert gate(report, "few_authors").verdict is GateVerdict.FAILED
    assert gate(report, "few_authors").measured == 0


def test_an_empty_list_of_platforms_means_any() -> None:
    report = report_on(evidence.on_other_platforms(), platforms=[])

    assert report.can_proceed
    assert gate(report, "missing_platforms").threshold == []


def test_one_of_the_platforms_is_enough_and_the_others_are_still_named() -> None:
    report = report_on([gate_item(number, platform="TikTok") for number in range(12)])

    assert report.can_proceed
    assert report.shortfall.missing_platforms == ["instagram"]


def test_posts_without_any_video_lack_no_transcript() -> None:
    report = report_on([gate_item(number) for number in range(12)])

    assert gate(report, "low_transcript_coverage").verdict is GateVerdict.PASSED
    assert report.shortfall.transcript_coverage == 1.0


def test_exactly_thirty_percent_of_transcripts_are_enough() -> None:
    items = [gate_item(number, is_video=number < 10, has_transcript=number < 3) for number in range(12)]

    assert gate(report_on(items), "low_transcript_coverage").verdict is GateVerdict.PASSED


@pytest.mark.parametrize(
    ("published_at", "verdict"),
    [
        (AS_OF - timedelta(days=7) + timedelta(seconds=1), GateVerdict.PASSED),
        (AS_OF - timedelta(days=7), GateVerdict.FAILED),
        (AS_OF, GateVerdict.PASSED),
        (AS_OF + timedelta(minutes=1), GateVerdict.FAILED),
        (None, GateVerdict.FAILED),
    ],
)
def test_fresh_is_younger_than_seven_days_and_never_from_the_future(published_at: object, verdict: GateVerdict) -> None:
    items = [*evidence.stale(), gate_item(12, "A text of its own that nobody else wrote", published_at=published_at)]

    assert gate(report_on(items), "stale_evidence").verdict is verdict


def test_exactly_a_fifth_of_repeats_is_too_much() -> None:
    items = healthy_items()[:10]
    two_repeats = [*items[:8], *[gate_item(number, near_duplicate_of=uuid4()) for number in (8, 9)]]
    one_repeat = [*items[:9], gate_item(9, near_duplicate_of=uuid4())]

    assert gate(report_on(two_repeats), "too_many_duplicates").verdict is GateVerdict.FAILED
    assert gate(report_on(one_repeat), "too_many_duplicates").verdict is GateVerdict.PASSED


def test_equal_contents_repeat_each_other_even_before_near_duplicates_are_marked() -> None:
    items = [*healthy_items()[:9], *[gate_item(20 + copy, evidence.TEXTS[0]) for copy in range(3)]]

    assert gate(report_on(items), "too_many_duplicates").measured == 0.25


def test_empty_texts_do_not_repeat_each_other() -> None:
    items = [*healthy_items(), *[gate_item(20 + number, "🔥") for number in range(4)]]

    assert gate(report_on(items), "too_many_duplicates").measured == 0


def test_a_page_counts_once_however_it_is_linked() -> None:
    urls = [
        "https://www.example.com/a/",
        "http://example.com/a",
        "https://example.com/a#comments",
        "https://EXAMPLE.com/a?utm_source=x&fbclid=1",
        "https://example.com/a?page=2",
        None,
        "  ",
        "http://[broken",
    ]

    report = report_on([gate_item(number, url=url) for number, url in enumerate(urls)])

    assert gate(report, "few_urls").measured == 3


def test_thresholds_are_settings() -> None:
    report = report_on(evidence.thin(), min_items=2, min_items_with_text=2, min_long_items=1, min_urls=3)

    assert report.can_proceed
    assert report.shortfall.required_items == 2


def test_the_summary_counts_what_is_there() -> None:
    report = report_on([*healthy_items(), gate_item(12, "", platform="tiktok", author=None)])

    assert report.summary.items == 13
    assert report.summary.with_text == 12
    assert report.summary.by_platform == {"instagram": 12, "tiktok": 1}
    assert report.summary.authors == 12
    assert report.summary.newest_at == AS_OF - timedelta(hours=1)


def test_the_gates_load_neither_numbers_nor_network_nor_models() -> None:
    statement = (
        "import sys, kairo.stages.evidence.rules.gates; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), 'urllib.request' in sys.modules)"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", statement], capture_output=True, text=True, check=True
    ).stdout.split()

    heavy = {"numpy", "django", "httpx", "requests", "wordllama", "py3langid", "rapidfuzz", "pydantic_ai"}
    assert heavy.isdisjoint(loaded)
    assert loaded[-1] == "False"
