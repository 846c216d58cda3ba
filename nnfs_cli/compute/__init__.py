"""Arrays, products, scratch, random streams, resources and the team of workers; no layers."""
