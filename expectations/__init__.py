"""Quality gates: what was delivered (gate 1) and what is handed out (gate 2)."""

import os

# Great Expectations reads it when it is imported: no usage statistics leave our processes.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
