"""Loggers: a file for each program that can be told of a training, see ``runs/logger.py``."""
