"""What stops the demo: says what is wrong and what to do."""

from __future__ import annotations


class DemoFailed(Exception):
    """The story cannot go on; the message is for the person who started it."""
