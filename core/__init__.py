"""Words that every part of boundwise speaks: results, limits, errors, seeds, files.

Nothing here imports another part of boundwise.
"""
