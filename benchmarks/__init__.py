"""How fast the broker is, beside its peers, in one run on one machine: `make bench`.

Owns the measuring: which paths, which contestants, in which order, what counts as a right answer, and how the figures are shown
(docs/performance.md). Owns no part of the broker; the broker knows nothing of it. README.md says how it works.
"""
