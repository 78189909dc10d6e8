"""`python -m zongheng_hub` is `zongheng-hub`."""

from zongheng_hub.cli import main

main()
