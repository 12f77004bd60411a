"""Everything on one machine, to try it out: `python -m modules.tryout.run` starts it, the start page tells the story.

Owns: the demo secrets, the policies that belong to these ports, the processes, the start page and the local inbox. Not for
production, where the broker refuses its keys. Imports nothing of the broker: it starts programs and reads the folder of the inbox.
"""
