"""`python -m services.cli`: how the supervisor starts its children, whatever is on the PATH."""

from services.cli import main

main()
