"""How often a challenger that is no better is promoted, and how often one that saves 5 % is found.

    python -m bench.registry       BENCH_SCALE=.1 (default): 400 lives of a challenger in each world; 1: 4,000

A world draws losses in pairs: of forecasts of rare events (log loss), of money (squared errors with a heavy tail), of
counts. A challenger's life is looked at each of 30 days as its held-out examples grow to what `pairs_needed` says. In
A/A both versions err alike and independently; at 5 % the challenger saves a twentieth of the champion's mean loss.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.table import SCALE, Line, report

LIVES = max(100, round(4_000 * SCALE))
DAYS = 30
Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], tuple[Floats, Floats]]


def rare_events(generator: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Two forecasters who each know the truth with some noise; a twentieth of the events happen."""
    odds = generator.normal(-3.2, 1.0, count)
    happened = generator.random(count) < 1 / (1 + np.exp(-odds))

    def loss() -> Floats:
        told = 1 / (1 + np.exp(-(odds + generator.normal(0, 0.4, count))))
        return np.where(happened, -np.log(told), -np.log(1 - told))

    return loss(), loss()


def money(generator: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Absolute errors of estimates of deals, whose amounts have a heavy tail."""
    amounts = generator.lognormal(0.0, 1.0, count)
    return amounts * abs(generator.normal(0, 0.5, count)), amounts * abs(generator.normal(0, 0.5, count))


def counts(generator: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Squared errors of expected counts."""
    means = generator.gamma(3.0, 2.0, count)
    seen = generator.poisson(means)

    def loss() -> Floats:
        return (seen - means * generator.lognormal(0, 0.15, count)) ** 2

    return loss(), loss()


def promoted(draw: Draw, *, gain: float, pairs: int, looks: int, seed: int) -> tuple[float, float]:
    """Return the share of lives that end in a promotion, and that of a plain t-test looked at as often."""
    from kairo.stages.learning.contracts.registry import Verdict
    from kairo.stages.learning.rules.comparing import compare

    generator = np.random.default_rng(seed)
    ours = plain = 0
    sizes = sorted({max(2, round(pairs * (look + 1) / looks)) for look in range(looks)})
    for _ in range(LIVES):
        champion, challenger = draw(generator, pairs)
        challenger = challenger - gain * champion.mean()
        ours += any(compare(champion[:n], challenger[:n]).verdict is Verdict.BETTER for n in sizes)
        plain += any(_plain(champion[:n] - challenger[:n]) for n in sizes)
    return ours / LIVES, plain / LIVES


def _plain(saved: Floats) -> bool:
    return len(saved) >= 100 and saved.mean() / (saved.std(ddof=1) / len(saved) ** 0.5) > 1.645


def needed(draw: Draw) -> int:
    """Return how many pairs the product asks for, by a first look at five thousand."""
    from kairo.stages.learning.rules.comparing import compare

    champion, challenger = draw(np.random.default_rng(9), 5_000)
    return compare(champion, challenger).pairs_needed or 0


def main() -> None:
    lines = []
    worlds: dict[str, Draw] = {"rare events": rare_events, "money, heavy tail": money, "counts": counts}
    for place, (name, draw) in enumerate(worlds.items()):
        pairs = needed(draw)
        same, same_plain = promoted(draw, gain=0.0, pairs=pairs, looks=DAYS, seed=100 + place)
        better, better_plain = promoted(draw, gain=0.05, pairs=pairs, looks=DAYS, seed=200 + place)
        peer = "t-test looked at as often"
        lines.append(Line(f"{name}: A/A promoted", same * 100, peer, same_plain * 100, "%", f"{pairs:,} pairs", "≤ 5"))
        lines.append(
            Line(f"{name}: 5 % found", better * 100, peer, better_plain * 100, "%", f"{pairs:,} pairs", "≥ 80")
        )
    report("registry", lines)


if __name__ == "__main__":
    main()
