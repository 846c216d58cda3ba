"""What pyproject.toml cannot say: every folder of the package is one, and `configs` its recipes."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["nnfs_cli*"]), "nnfs_cli.recipes"])
