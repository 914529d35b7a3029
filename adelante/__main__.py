"""`python -m adelante` is the command `adelante`, for those whose PATH does not have it."""

from adelante_cli import main

main()
