"""The local agents over whole sets of posts: the demo brand's, Russian ones, and sources that contradict each other."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kairo.interfaces.cli.demo import seed_demo_brand
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import operations as flag_operations
from kairo.platform.flags.contracts import Flag
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import operations as evidence_operations
from kairo.stages.insights import operations
from kairo.stages.insights.contracts.answers import (
    AnalysisDTO,
    AnalysisMode,
    AnalysisState,
    AnswerErrorCode,
    InsightType,
)
from kairo.stages.insights.contracts.trends import TrendWindow
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, post
from tests.integration.insights.answering import NOON, brand_with_posts, made
from tests.integration.insights.test_real_samples import PATIENT, SAMPLES, check_quotes
from tests.shared_data import shared

START = datetime(2026, 11, 21, 9, 30, 12, tzinfo=UTC)
RUSSIAN = {
    "subtitles": ("nlp/xed/ru.jsonl.gz", "text"),
    "headlines": ("nlp/paraphraser_ru/gold.jsonl.gz", "a"),
}
NEUTRAL = {
    "en": [
        "Going to the market on Sunday with my sister",
        "New blog entry about our trip to the lake",
        "What time do you open tomorrow?",
        "Watching the rain and drinking tea",
    ],
    "ru": [
        "Завтра едем на озеро с сестрой",
        "Во сколько вы открываетесь в воскресенье?",
        "Смотрю на дождь и пью чай",
        "Новая запись в блоге о поездке",
    ],
}
CONTRADICTING = {
    "price": (
        "en",
        "The price is great, I love how cheap it is",
        "The price is a horrible rip-off, I hate paying so much",
    ),
    "people": (
        "en",
        "People here are so kind and helpful, I love them",
        "People here are horrible and rude, I hate it",
    ),
    "quality": ("en", "The quality is amazing, I love it", "The quality is terrible, it broke after a day, I hate it"),
    "доставка": (
        "ru",
        "Доставка просто отличная, быстро, я в восторге",
        "Доставка ужасная, ждали неделю, отвратительно",
    ),
    "цена": ("ru", "Цена отличная, очень довольна, люблю", "Цена ужасная, просто грабёж, отвратительно, ненавижу"),
}


def check_covered(tenant: UUID, analysis: AnalysisDTO) -> None:
    """Fail unless every line leads to stored posts, every snippet stands in its post, and nothing was left out."""
    assert analysis.state is AnalysisState.READY, analysis.error
    assert analysis.response is not None
    assert analysis.evidence_coverage == 1
    assert analysis.response.meta.degraded == []
    check_quotes(tenant, analysis.response)


def _enhanced(tenant: UUID, at: datetime) -> None:
    with tenant_transaction(tenant):
        flag_operations.set_flag(name=Flag.ENABLE_TRENDS_ENHANCED, percentage=100, at=at)


def _check_demo(*asked: tuple[AnalysisMode, str | None, TrendWindow]) -> None:
    seed_demo_brand(at=START)
    tenant_id, brand_id = brands.locate_brand("fernway", tenant_slug="demo")
    operations.follow_new_items(tenant_id=tenant_id, at=START)
    _enhanced(tenant_id, START)
    for mode, query, window in asked:
        analysis = made(tenant_id, brand_id, PATIENT, at=START, mode=mode, query=query, window=window)
        check_covered(tenant_id, analysis)


def test_every_command_over_the_demo_brand_is_covered(database: str) -> None:
    _check_demo(*((mode, None, TrendWindow.WEEK) for mode in AnalysisMode))


@pytest.mark.long
def test_every_command_over_the_demo_brand_is_covered_in_every_window(database: str) -> None:
    _check_demo(
        *((mode, None, window) for mode in AnalysisMode for window in TrendWindow),
        *((mode, "repotting", TrendWindow.MONTH) for mode in AnalysisMode if mode is not AnalysisMode.TRENDS),
    )


@pytest.mark.long
@pytest.mark.parametrize("window", [TrendWindow.DAY, TrendWindow.THREE_DAYS, TrendWindow.WEEK])
@pytest.mark.parametrize("name", ["skincare", "headphones"])
def test_every_command_over_public_posts_is_covered_in_every_window(
    tenant: UUID, name: str, window: TrendWindow
) -> None:
    file, as_of, _ = SAMPLES[name]
    brand_id = stored_brand(tenant).id
    evidence_operations.import_file(tenant_id=tenant, brand_id=brand_id, path=shared(file), at=as_of)
    operations.aggregate(tenant_id=tenant)
    _enhanced(tenant, as_of)

    for mode in AnalysisMode:
        analysis = made(tenant, brand_id, PATIENT, at=as_of, mode=mode, window=window, as_of=as_of)
        if analysis.error is not None:
            # The sets hold few posts of their last days: too few are said to be too few, and nothing else is.
            assert analysis.error.code is AnswerErrorCode.NO_DATA
            assert window is not TrendWindow.WEEK
        else:
            check_covered(tenant, analysis)


@pytest.mark.parametrize("name", list(RUSSIAN))
def test_real_russian_texts_are_answered_in_russian(tenant: UUID, tmp_path: Path, name: str) -> None:
    file, field = RUSSIAN[name]
    with gzip.open(shared(file), "rt", encoding="utf-8") as lines:
        texts = list(dict.fromkeys(json.loads(line)[field] for line in lines))[:120]
    brand_id = stored_brand(tenant).id
    posts = [post(place, at=NOON, text=text) for place, text in enumerate(texts)]
    import_posts(posts, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=NOON)
    operations.aggregate(tenant_id=tenant)
    _enhanced(tenant, NOON)

    for mode in AnalysisMode:
        analysis = made(tenant, brand_id, PATIENT, mode=mode)

        check_covered(tenant, analysis)
        assert analysis.response is not None
        assert analysis.response.meta.lang == "ru"
        assert all(_is_russian(insight.text) for insight in analysis.response.insights)


def _is_russian(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return sum("а" <= letter.casefold() <= "ё" for letter in letters) > 0.8 * len(letters)


@pytest.mark.parametrize("subject", list(CONTRADICTING))
def test_sources_that_contradict_each_other_on_anything_are_one_conflict(
    tenant: UUID, tmp_path: Path, subject: str
) -> None:
    language, praise, complaint = CONTRADICTING[subject]
    brand_id = brand_with_posts(tenant, tmp_path, [praise, complaint, *NEUTRAL[language]])

    analysis = made(tenant, brand_id, PATIENT, mode=AnalysisMode.KEYWORDS)

    check_covered(tenant, analysis)
    assert analysis.response is not None
    [conflict] = [insight for insight in analysis.response.insights if insight.type is InsightType.CONFLICT]
    snippets = {entry.id: entry.snippet for entry in analysis.response.evidence}
    assert {snippets[ref] for ref in conflict.evidence_refs} == {praise, complaint}
    assert subject in conflict.text.casefold()


def test_one_person_who_changes_their_mind_is_no_conflict(tenant: UUID, tmp_path: Path) -> None:
    _, praise, complaint = CONTRADICTING["price"]
    brand_id = stored_brand(tenant).id
    texts = [praise, complaint, *NEUTRAL["en"]]
    posts = [post(place, at=NOON, text=text, author="ada") for place, text in enumerate(texts)]
    import_posts(posts, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=NOON + timedelta(hours=1))

    analysis = made(tenant, brand_id, PATIENT, mode=AnalysisMode.KEYWORDS)

    check_covered(tenant, analysis)
    assert analysis.response is not None
    assert not [one for one in analysis.response.insights if one.type is InsightType.CONFLICT]
