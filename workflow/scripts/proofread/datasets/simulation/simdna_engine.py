"""simdna's own sequences, byte for byte, at several times its speed.

simdna draws one base at a time: a call of its random state, then a loop over four
probabilities, in Python. The two classes here replace its background and its motif
sampler. They draw the same numbers from the same random state, but a sequence or an
instance at once, and use the same cumulative sums. Everything that simdna draws
afterwards is therefore unchanged, too.
"""

import contextlib
import io
import warnings

import numpy as np

with warnings.catch_warnings():
    # It imports pkg_resources, which is deprecated.
    warnings.simplefilter("ignore")
    import simdna
    from simdna import synthetic
    from simdna.pwm import PWM

from proofread.datasets.simulation.bases import MotifInstances
from proofread.dna.encoding import BASES, encode, reverse_complement

_BASE_CODES = np.frombuffer(BASES.encode(), dtype=np.uint8)
_REVERSED = "revComp-"


def _bases(cumulative, uniform):
    """Text of the first bases whose cumulative sum reaches the drawn numbers.

    `cumulative` is (3,) or (n, 3): the fourth base has the rest, as in simdna.
    """
    index = (uniform > cumulative[..., 0]).view(np.uint8)
    index += uniform > cumulative[..., 1]
    index += uniform > cumulative[..., 2]
    return _BASE_CODES[index].tobytes().decode()


class Background(synthetic.ZeroOrderBackgroundGenerator):
    """Draws the same as simdna's ZeroOrderBackgroundGenerator."""

    def __init__(self, length, probabilities):
        frequencies = dict(zip(BASES, map(float, probabilities), strict=True))
        super().__init__(length, frequencies)
        self._length = length
        self._cumulative = np.cumsum([frequencies[base] for base in BASES])[:3]

    def generateBackground(self):
        """Draw one sequence, as text."""
        return _bases(self._cumulative, simdna.random.rand(self._length))


class Sampler(synthetic.PwmSampler):
    """Draws the same as simdna's PwmSampler without a minimum score."""

    def __init__(self, pwm, name=None):
        super().__init__(pwm, name)
        self._cumulative = np.cumsum(pwm.getRows(), axis=1)[:, :3]

    def generateSubstring(self):
        """Draw one instance: its text and its motif's name."""
        uniform = simdna.random.rand(len(self._cumulative))
        return _bases(self._cumulative, uniform), self.pwm.name


def generator(design, background=Background, sampler=Sampler):
    """A generator of simdna: a uniform number of motifs at uniform positions.

    Parameters
    ----------
    design : proofread.datasets.simulation.settings.Design
    background, sampler : type
        The replacements, or simdna's own for comparison.
    """
    embedders = []
    for name, matrix in design.motifs.items():
        # Its pseudo-counts are in the matrix already.
        pwm = PWM(name).addRows(matrix).finalise(pseudocountProb=0)
        one = sampler(pwm)
        if design.either_strand:
            one = synthetic.ReverseComplementWrapper(one)
        embedders.append(synthetic.SubstringEmbedder(one))
    count = synthetic.UniformIntegerGenerator(0, len(embedders))
    return synthetic.EmbedInABackground(
        background(design.length, design.background.probabilities),
        [synthetic.RandomSubsetOfEmbedders(count, embedders)],
    )


def generate(single, seed, n):
    """Draw sequences, as simdna's objects.

    Parameters
    ----------
    single : simdna.synthetic.EmbedInABackground
        From `generator`.
    seed : int
        Of simdna's own random state; NumPy's does not touch it.
    n : int
    """
    simdna.random.seed(seed)
    repeated = synthetic.GenerateSequenceNTimes(single, n)
    # It prints every tenth attempt at a position.
    with contextlib.redirect_stdout(io.StringIO()):
        return list(repeated.generateSequences())


def draw(design, seed):
    """Draw a dataset's sequences with simdna.

    Returns
    -------
    starts : numpy.ndarray, shape (n, motifs), int64
        -1 where a motif is absent.
    index : numpy.ndarray, shape (n, length), uint8
    planted : list of MotifInstances
    """
    sequences = generate(generator(design), seed, design.sequences)
    starts = np.full((len(sequences), len(design.motifs)), -1)
    columns = {name: column for column, name in enumerate(design.motifs)}
    instances = {name: ([], [], []) for name in design.motifs}
    for row, sequence in enumerate(sequences):
        for embedding in sequence.embeddings:
            name = embedding.what.stringDescription
            reverse = name.startswith(_REVERSED)
            name = name.removeprefix(_REVERSED)
            starts[row, columns[name]] = embedding.startPos
            rows, reverses, texts = instances[name]
            rows.append(row)
            reverses.append(reverse)
            texts.append(embedding.what.string)
    text = "".join(sequence.seq for sequence in sequences)
    index = encode(text).reshape(len(sequences), design.length)
    planted = []
    for name, (rows, reverses, texts) in instances.items():
        rows, reverse = np.array(rows, dtype=np.int64), np.array(reverses, dtype=bool)
        width = len(design.motifs[name])
        drawn = encode("".join(texts)).reshape(len(rows), width)
        drawn = np.where(reverse[:, None], reverse_complement(drawn), drawn)
        start = starts[rows, columns[name]]
        planted.append(MotifInstances(name, rows, start, reverse, drawn))
    return starts, index, planted
