"""python -m api is the predig command."""

import sys

from api.cli import main

sys.exit(main())
