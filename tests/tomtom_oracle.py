"""Tomtom once more, written for reading: loops, one alignment at a time.

The oracle of test_motif_comparison.py. It shares no code with the library.
"""

import math

import numpy as np


def column(row, sites, pseudocount, background):
    total = sum(row)
    if abs(1 - total) > 1e-5:
        row = [p / total for p in row]
    n = int(sites) if sites else 20
    return [
        (p * n + pseudocount * b) / (n + pseudocount)
        for p, b in zip(row, background, strict=True)
    ]


def pearson(q, t):
    qt = sum((x - 0.25) * (y - 0.25) for x, y in zip(q, t, strict=True))
    qq = sum((x - 0.25) ** 2 for x in q)
    tt = sum((y - 0.25) ** 2 for y in t)
    return qt / math.sqrt(qq * tt)


def ed(q, t):
    return -math.sqrt(sum((x - y) ** 2 for x, y in zip(q, t, strict=True)))


def kullback(q, t):
    terms = zip(q, t, strict=True)
    return -sum(x * math.log10(x / y) + y * math.log10(y / x) for x, y in terms) / 2


def sandelin(q, t):
    return 2 - sum((x - y) ** 2 for x, y in zip(q, t, strict=True))


DISTANCES = {f.__name__: f for f in (pearson, ed, kullback, sandelin)}


def rows(queries, targets, settings, background):
    """Rows as Tomtom prints them; at most 100 entries, so that pi0 is 1."""
    raised = [b + 5e-7 for b in background]
    background = [b / sum(raised) for b in raised]
    for query in queries:
        yield from _rows_of(query, targets, settings, background)


def _rows_of(query, targets, settings, background):
    columns, entries = _prepare(query, targets, settings, background)
    bins, shift = _bins(columns, entries, settings)
    histograms = [
        np.bincount([k for entry in row for k in entry], minlength=101) for row in bins
    ]
    histograms = [h / h.sum() for h in histograms]

    def survival(first, length, score):
        density = np.ones(1)
        for histogram in histograms[first : first + length]:
            density = np.convolve(density, histogram)
        if score <= 0:
            return 1.0
        return min(float(density[score:][::-1].sum()), 1.0)

    result = []
    for number, (motif, strand, entry) in enumerate(entries):
        scored = [row[number] for row in bins]
        best = _best(len(columns), len(entry), scored, shift, survival, settings)
        result.append((motif, strand, entry, *best))
    yield from _report(query, columns, result, settings)


def _prepare(query, targets, settings, background):
    def smoothed(motif):
        return [
            column(row, motif.sites, settings.pseudocount, background)
            for row in motif.matrix.tolist()
        ]

    entries = []
    for target in targets:
        forward = smoothed(target)
        entries.append((target, "+", forward))
        if settings.strands == "both":
            entries.append((target, "-", [row[::-1] for row in forward[::-1]]))
    return smoothed(query), entries


def _bins(columns, entries, settings):
    similarity = DISTANCES[settings.distance]
    table = [[[similarity(q, t) for t in e] for _, _, e in entries] for q in columns]
    if settings.complete:
        for row in table:
            values = sorted(v for entry in row for v in entry)
            n = len(values)
            low = values[max(n // 2 - 1, 0)]
            high = values[max(math.ceil(n / 2) - 1, 0)]
            for entry in row:
                entry[:] = [v - (low + high) / 2 for v in entry]
    values = [v for row in table for entry in row for v in entry]
    origin = math.floor(min(values))
    scale = math.floor(100 / (max(values) - origin))
    bins = [
        [[math.floor((v - origin) * scale + 0.5) for v in entry] for entry in row]
        for row in table
    ]
    return bins, origin * scale


def _best(w, width, scored, shift, survival, settings):
    """Offset, overlap, p and number of allowed alignments of one entry."""
    strands = 2 if settings.strands == "both" else 1
    alignments = []
    for offset in range(-(w - 1), width):
        first, last = max(0, -offset), min(w, width - offset) - 1
        overlap = last - first + 1
        score = sum(scored[i][offset + i] for i in range(first, last + 1))
        alignments.append((offset, first, overlap, score))
    shorter = min(w, width)
    if settings.internal:
        allowed = [a for a in alignments if a[2] == shorter]
    else:
        least = min(settings.min_overlap, shorter)
        allowed = [a for a in alignments if a[2] >= least]
    if settings.complete:
        offset, _, overlap, score = max(
            allowed, key=lambda a: (a[3] + a[2] * shift, a[2], -a[0])
        )
        score += overlap * shift
        log_below = 0.0
        for _, first, length, _ in alignments:
            chance = survival(first, length, score - length * shift)
            log_below += strands * (math.log1p(-chance) if chance < 1 else -math.inf)
        return offset, overlap, -math.expm1(log_below), strands
    p, overlap, offset = min(
        (survival(first, overlap, score), -overlap, offset)
        for offset, first, overlap, score in allowed
    )
    n = strands * len(allowed)
    return offset, -overlap, n * p if n * p < 0.001 else 1 - (1 - p) ** n, strands


def _report(query, columns, found, settings):
    """Sort, add E and q, and print one row per target up to the threshold."""
    strands = found[0][-1]
    n = len(found)
    listed = []
    for motif, strand, entry, offset, overlap, p, _ in found:
        e = p * (n // strands)
        if settings.complete:
            p = float(np.float32(p))
            e = float(np.float32(p) * np.float32(n) / np.float32(strands))
        listed.append((p, -overlap, strand + motif.name, motif, entry, offset, e))
    listed.sort(key=lambda item: item[:3])
    q = [min(1, item[0] * n / (rank + 1)) for rank, item in enumerate(listed)]
    for rank in range(n - 2, -1, -1):
        q[rank] = min(q[rank], q[rank + 1])
    seen = set()
    for item, q_value in zip(listed, q, strict=True):
        p, overlap, name, motif, entry, offset, e = item
        statistic, limit = settings.threshold
        if (q_value if statistic == "q" else e) > limit:
            return
        if motif.name in seen:
            continue
        seen.add(motif.name)
        numbers = [f"{float(np.float32(x)):g}" for x in (p, e, q_value)]
        consensus = [
            "".join("ACGT"[max(range(4), key=row.__getitem__)] for row in rows)
            for rows in (columns, entry)
        ]
        yield (
            query.name,
            motif.name,
            str(offset),
            *numbers,
            str(-overlap),
            *consensus,
            name[0],
        )
