"""The lists an administrator takes along: people, rights, tasks and history of some organisations, each line by line.

Owns what stands in each line, and reading it in batches: a list may be longer than memory. Reads only. Does not own who may have it
(`access.take_list`), nor how it is written (web/).
"""
