"""Builds the generated data files; needs requirements/words.txt, not run in service."""
