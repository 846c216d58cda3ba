"""Files for people about finished runs: evaluation, plots, sheets of samples."""
