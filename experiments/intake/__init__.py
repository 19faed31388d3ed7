"""What a laboratory's file says: from bytes, frames, arrays and dictionaries to a table of correlations.

`text` and `files` make rows of a source, `columns` says what each column is, `layouts` turns rows into cells, `labels`
counts outcomes and settings from 0, and `reading` puts the table together with everything that was understood on the
way. Nothing is guessed silently: each step leaves a sentence, and what could be read two ways is refused.
"""
