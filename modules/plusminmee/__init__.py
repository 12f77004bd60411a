"""PlusMinMee: the tool in which professionals follow a group of youngsters (seed 004)."""
