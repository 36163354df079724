"""`python -m api.cli`: the command line where the package is not installed, as in the container."""

import sys

from api.cli import main

if __name__ == "__main__":
    sys.exit(main())
