"""Files that are read in a process of their own, which is thrown away after each."""
