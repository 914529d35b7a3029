"""`python -m app.cli`."""

from app.cli.program import main

if __name__ == "__main__":
    main()
