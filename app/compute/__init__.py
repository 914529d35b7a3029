"""Where and when a pass runs: devices, precisions, and the threads that expensive passes share."""
