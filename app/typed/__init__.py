"""Numbers as people type, paste and print them: one reader for the command line and the lessons.

The page has the same reader in TypeScript (app/frontend/src/reading); tests/typed/cases.json holds both to the same
rules.
"""
