"""The loop, evaluation, early stopping, `train()`, and the choice of workers."""
