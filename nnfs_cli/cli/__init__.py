"""The commands, one light file each: options, one call, its results to the console."""
