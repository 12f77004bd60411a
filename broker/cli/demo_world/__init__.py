"""The demo world: what `poortwachter demo` puts into a development database, so that every role of the story can be
tried.

Owns: which organisations, people, mandates and rights there are, and their plainly fictitious numbers. Does not own
what any of these mean: everything but one right and one label goes in by the operations that the pages use.
"""
