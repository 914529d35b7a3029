"""Where and when a pass runs: devices, precisions, and the thread that a dear pass may take."""
