"""The tree of units over time: each change is an act and leaves what was."""
