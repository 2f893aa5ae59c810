"""What answers in place of a model: a seam with three sides, and the values that cross it.

`ask.Model` is the seam. `echo` says that nobody is there, `script` answers what a transcript says,
and `chat` asks an endpoint of chat completions. None of them knows requests, runs or the database.
"""
