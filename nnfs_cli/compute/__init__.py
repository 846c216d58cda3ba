"""Arrays, products, buffers, random streams, resources and the team of workers; no layers."""
