"""`python -m tests.bench.anomaly [--seed N] [--nab DIR]`: how good and how fast anomalies are found.

Days: recall, precision, false alerts per 100 series-days and delay over fresh seeds of the generator, by
threshold. Time and memory of 10 000 series × 400 days, and of one more day. A budget of false alerts against
what the back-test counts. With `--nab`, the score of the Numenta Anomaly Benchmark in that directory
(`data/`, `labels/combined_windows.json`), one threshold for all files.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np

from engine.anomaly import Baseline, Floats, Marks, judge, threshold_for
from tests.bench import nab
from tests.engine.anomaly.generator import World, record, world
from tests.material import MATERIAL

THRESHOLDS = (2.5, 3.0, 3.5, 4.0, 5.0)
NAB_THRESHOLD = 3.6
"""The z of 1.1 times the 99.9 % quantile of the past."""


def judged(made: World) -> Floats:
    """z of a world, its promo days left out."""
    out = np.broadcast_to(made.promo[:, None], made.values.shape)
    found = judge(made.values, [i % 7 for i in range(len(made.values))], "counts", left_out=out).score
    found[made.promo] = np.nan
    return found


def quality(seed: int, worlds: int) -> None:
    """Print how well planted events are found."""
    made = [world(seed + at) for at in range(worlds)]
    found = [judged(each) for each in made]
    events = sum(len(each.events) for each in made)
    print(f"{worlds} × 400 series × 400 days from seed {seed}, {events} events\n")
    print("| z | recall | precision | false / 100 series-days | days late | Saturday |")
    print("|---|---:|---:|---:|---:|---:|")
    for threshold in THRESHOLDS:
        told = [record(score, each, threshold) for score, each in zip(found, made, strict=True)]
        cells = [
            float(np.mean([getattr(one, name) for one in told]))
            for name in ("recall", "precision", "false", "late")
        ]
        saturday = np.mean([one.by_kind["saturday"] for one in told])
        recall, precision, false, late = cells
        print(f"| {threshold} | {recall:.2f} | {precision:.2f} | {false:.3f} | {late:.2f} | {saturday:.2f} |")


def budgets(seed: int) -> None:
    """Print the false alerts that were asked for beside those of a back-test without anomalies."""
    made = world(seed, series=400, quiet=True)
    found = judged(made)
    print("\n| false alerts a week asked for, 400 series | z | back-test |\n|---|---:|---:|")
    for asked in (0.5, 1.0, 3.0, 10.0):
        threshold = threshold_for(asked, 400, "day", found)
        told = record(found, made, threshold).false / 100 * 400 * 7
        print(f"| {asked} | {threshold:.2f} | {told:.2f} |")


def speed() -> None:
    """Print time and memory of 10 000 series × 400 days, and of a day more."""
    rng = np.random.default_rng(1)
    values = rng.poisson(500, (400, 10_000)).astype(np.float64)
    out: Marks = np.zeros(values.shape, np.bool_)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    judge(values, [i % 7 for i in range(400)], "counts", left_out=out)
    whole = time.perf_counter() - begun
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    baseline = Baseline(10_000, "counts", 7)
    for i in range(60):
        baseline.judge(i % 7, values[i])
    times = []
    for i in range(60, 67):
        begun = time.perf_counter()
        baseline.judge(i % 7, values[i])
        times.append(time.perf_counter() - begun)
    print("\n| 10 000 series | |\n|---|---:|")
    print(f"| 400 days judged | {whole:.2f} s, +{megabytes:.0f} MB |")
    print(f"| one more day | {1000 * float(np.median(times)):.2f} ms |")


def benchmark(folder: Path) -> None:
    """Print the score of the corpus."""
    files = list(nab.corpus(folder))
    print(f"\n{len(files)} files of the Numenta Anomaly Benchmark\n")
    print(
        "| z | standard | low FP | low FN | windows | false points | s |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    for threshold in (3.3, NAB_THRESHOLD, 4.0, 4.5):
        begun = time.perf_counter()
        found = [nab.detections(file, threshold) for file in files]
        told, (caught, windows, false) = nab.score(files, found), nab.hits(files, found)
        cells = " | ".join(f"{each:.1f}" for each in told.values())
        seconds = time.perf_counter() - begun
        print(f"| {threshold} | {cells} | {caught} / {windows} | {false} | {seconds:.1f} |")


def corpus_folder(given: Path | None) -> Path | None:
    """The directory asked for, else a corpus among the material."""
    if given is not None:
        return given
    labels = sorted(MATERIAL.rglob("combined_windows.json")) if MATERIAL.is_dir() else []
    return labels[0].parent.parent if labels else None


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.anomaly", description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--nab", type=Path, help="a copy of the Numenta Anomaly Benchmark")
    given = parser.parse_args()
    quality(given.seed, given.worlds)
    budgets(given.seed)
    speed()
    folder = corpus_folder(given.nab)
    if folder is None:
        print("\nNo corpus of the Numenta Anomaly Benchmark here: give one with --nab.")
    else:
        benchmark(folder)


if __name__ == "__main__":
    main()
