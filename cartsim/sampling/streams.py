"""Streams of uniforms: every number is a function of (seed, path, replication, index).

A stream belongs to a dotted path. Its generator is Philox4x64-10 (Salmon et al., "Parallel random
numbers: as easy as 1, 2, 3", SC'11), a bijection that turns a 256-bit counter into four 64-bit
words under a 128-bit key; there is no state, so a value is found by where it stands and not by
what was drawn before it. The key is the BLAKE2b hash of seed and path. The counter's two lower
words (c0, c1) hold the place:

==================  ====================  ===========  ======
scope               c0                    c1           word
==================  ====================  ===========  ======
replication         r // 4                0            r % 4
lot, patient, ...   16 r + (i % 64) // 4  1 + i // 64  i % 4
==================  ====================  ===========  ======

So 64 indices make a *page*, and one page of all the replications of a block is one contiguous run
of counters: a block is drawn with one call a page. A request that is not whole pages computes the
rest of its last page for nothing, which is quicker than placing the counter for every replication.

A block of 1,024 replications costs 1.3 to 1.8 times the bare words of the generator
(``tests/benchmarks/test_draws.py`` measures it).

Each word becomes the middle of one of 2**52 equal cells of the unit interval, so that no value is
0 or 1 and ``1 - u`` is exact.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from cartsim.units import Floats, Ints

PAGE = 64
"""Indices of one replication that stand together; part of the streams' definition."""
WORDS = 4
"""Words that Philox4x64 makes of one counter."""
ROWS = 256
"""Replications that are worked on together; of no influence on the values."""
LARGEST_REPLICATION = 2**60 - 1
"""Beyond it the pages of two replications would share counters."""


def uniforms(seed: int, path: str, replications: range, size: int | None = None) -> Floats:
    """Uniforms in the open interval (0, 1) of the stream of ``path``.

    Shape [R] without ``size`` (replication scope), else [R, size] (one value an index, 0 to
    ``size`` - 1); the two scopes share no number. Any cut of the replications, and any smaller
    ``size``, gives the same bits for the values that it holds.

    Raises ``ValueError`` when ``replications`` is not a range of step 1 from 0 or more.
    """
    if replications.step != 1 or replications.start < 0:
        raise ValueError(f"replications must be a range of step 1 from 0 or more: {replications}")
    if replications.stop > LARGEST_REPLICATION + 1:
        raise ValueError(f"replications go up to {LARGEST_REPLICATION}: {replications}")
    count = len(replications)
    if count == 0 or size == 0:
        return np.empty(count if size is None else (count, size))
    generator = _generator(stream_key(seed, path))
    if size is None:
        skipped = replications.start % WORDS
        generator.advance(replications.start // WORDS)
        words = generator.random_raw(skipped + count)
        return _to_open_interval(words[skipped:], np.empty(count))
    drawn = np.empty((count, size))
    place = 0
    for page in range(-(-size // PAGE)):
        first, last = page * PAGE, min(size, (page + 1) * PAGE)
        start = ((1 + page) << 64) + replications.start * (PAGE // WORDS)
        generator.advance(start - place)
        place = start + count * (PAGE // WORDS)
        # some rows at a time, so that the words are still in the cache when they are turned
        for row in range(0, count, ROWS):
            rows = min(ROWS, count - row)
            words = generator.random_raw(rows * PAGE).reshape(rows, PAGE)
            _to_open_interval(words[:, : last - first], drawn[row : row + rows, first:last])
    return drawn


def uniforms_at(seed: int, path: str, replications: range, row: Ints, index: Ints) -> Floats:
    """The uniforms of a stream at some places only, float64[n].

    ``row`` (from 0, of the range) and ``index``, int64[n], name the places of the table that
    :func:`uniforms` makes; the bits are the same, and no others are made. Places that follow each
    other in a row share the work.
    """
    from cartsim.sampling.places import uniforms_at_places

    return uniforms_at_places(stream_key(seed, path), replications.start, row, index)


def words(seed: int, path: str, count: int) -> npt.NDArray[np.uint64]:
    """The first words of a stream that is used for nothing else, uint64[count]."""
    return np.asarray(_generator(stream_key(seed, path)).random_raw(count))


def stream_key(seed: int, path: str) -> npt.NDArray[np.uint64]:
    """The two words of the key of a stream, uint64[2]."""
    digest = blake2b(f"{seed}:{path}".encode(), digest_size=16, person=b"cartsim-stream-1")
    return np.frombuffer(digest.digest(), dtype="<u8").astype(np.uint64)


def _generator(key: npt.NDArray[np.uint64]) -> np.random.Philox:
    """A generator whose next word is the first one of counter 0."""
    # NumPy's generator steps its counter before it computes, so it starts from the one before
    # counter 0, which is the largest
    return np.random.Philox(counter=np.full(4, 2**64 - 1, np.uint64), key=key)


def _to_open_interval(words: npt.NDArray[np.uint64], out: Floats) -> Floats:
    """((word >> 12) + 1/2) / 2**52 written into ``out``; the words are used up."""
    # the 52 bits become the mantissa of a number in [1, 2), from which the subtraction is exact:
    # the same bits as the formula, at half its cost
    np.right_shift(words, np.uint64(12), out=words)
    np.bitwise_or(words, np.uint64(0x3FF0000000000000), out=words)
    return np.subtract(words.view(np.float64), 1.0 - 2.0**-53, out=out)
