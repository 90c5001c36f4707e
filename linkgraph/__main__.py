"""`python -m linkgraph`: the command line."""

import sys

from linkgraph.cli import main

sys.exit(main())
