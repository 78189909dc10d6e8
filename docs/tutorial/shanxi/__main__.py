"""`python docs/tutorial/shanxi`: arguments only; story.py tells the story."""

from __future__ import annotations

import sys
from pathlib import Path

# Started by its folder's path, this file is alone: its package is found from the folder above.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from shanxi.command import main

if __name__ == "__main__":
    sys.exit(main())
