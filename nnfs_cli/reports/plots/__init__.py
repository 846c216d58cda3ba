"""Plots: figures of runs, of their data and of what they learnt. Only here matplotlib is used."""
