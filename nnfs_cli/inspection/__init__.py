"""Looking into a network: a step number by number, and what each layer does."""
