"""A config made into objects, in memory: build, check, gradient check. Writes nothing."""
