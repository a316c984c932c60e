from __future__ import annotations

from kairo.interfaces.cli.demo import BRAND_FILE
from kairo.stages.brands.operations import read_brand_file


def test_the_demo_brand_is_a_valid_brand_file_that_says_it_is_synthetic() -> None:
    file = read_brand_file(BRAND_FILE)

    assert (file.tenant, file.brand.slug) == ("demo", "fernway")
    assert "synthetic" in file.brand.name
    assert file.brand.platforms is None, "left out: instagram or tiktok"


def test_the_demo_brand_has_enough_context_to_choose_by() -> None:
    file = read_brand_file(BRAND_FILE)

    assert all(persona.priorities and persona.pains for persona in file.personas)
    assert all(pillar.keywords for pillar in file.pillars)
    assert [pillar.priority_rank for pillar in file.pillars] == [1, 2, 3, 4, 5]
    assert (len(file.personas), len(file.patterns), len(file.brand.taboos)) == (3, 3, 2)
