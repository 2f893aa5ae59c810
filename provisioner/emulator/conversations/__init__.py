"""Threads, messages, runs and their steps: what is asked for, and how a run goes on by itself.

A run is not driven by a thread or a task: whoever looks at it moves it on to where it should be by
then (`progress`), so that a killed emulator loses nothing, and what was due happens at its time.
"""
