"""Samples with their targets, for an evaluation, read as `predict` reads its inputs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.images.class_folders import find_images
from nnfs_cli.data.images.file_labels import labelled_by_name
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.read_file import read_samples
from nnfs_cli.data.sample_weights import require_some_weight
from nnfs_cli.errors import DataError
from nnfs_cli.predict.inputs import Failure, read_inputs

NAMED = 5


def read_labelled(path: Path, preprocessing: Preprocessing) -> tuple[str, Samples, str]:
    """A name, the samples of a file or folder with classes or values, and a notice.

    The notice says what was not used, and what was done to bring a file's values to the range of
    the training.
    """
    if path.is_dir():
        name, samples = read_folder(path, preprocessing)
        return name, samples, samples.notice
    samples = read_samples(path, preprocessing, targets="all")
    require_some_weight({path.name: samples})
    inputs, notice = preprocessing.in_range(samples.inputs, path.name)
    told = "; ".join(filter(None, [samples.notice, notice]))
    return path.name, replace(samples, inputs=inputs), told


def read_folder(folder: Path, preprocessing: Preprocessing) -> tuple[str, Samples]:
    """The images of the test split, or of all classes if the folder is not divided; and its name.

    Where the training found the labels in the names of the images, they stand there here, too.
    Raises DataError for a class that training has not, and for images that cannot be read.
    """
    if not preprocessing.labels:
        raise DataError(f"{folder} has classes, and the network predicts values", "name a table")
    pattern = (preprocessing.layout or {}).get("labels")
    found = labelled_by_name(folder, pattern) if pattern else find_images(folder)
    if found.divided and not found.test:
        raise DataError(f"{folder} has no test split", "name a folder that holds the class folders")
    classes = found.test or found.train
    unknown = [name for name in classes if name not in preprocessing.labels]
    if unknown:
        raise DataError(
            f"{folder} has the class {unknown[0]!r}, which is not among those trained on",
            f"known are {', '.join(preprocessing.labels[:8])}",
        )
    files = [(file, name) for name, images in classes.items() for file in images]
    arrays, faults = [], []
    for item in read_inputs([str(file) for file, _ in files], preprocessing):
        if isinstance(item, Failure):
            faults.append(item.error.message)
        else:
            arrays.append(item.array)
    if faults:
        raise DataError(
            f"{len(faults):,} of {len(files):,} images cannot be used: {'; '.join(faults[:NAMED])}",
            "repair or remove them",
        )
    numbers = {name: number for number, name in enumerate(preprocessing.labels)}
    targets = np.array([numbers[name] for _, name in files], dtype=np.int64)
    origins = np.array([str(file.relative_to(folder)) for file, _ in files], dtype=object)
    name = folder.resolve().name + ("/test" if found.divided else "")
    return name, Samples(np.stack(arrays), targets, origins, "; ".join(found.notices))
