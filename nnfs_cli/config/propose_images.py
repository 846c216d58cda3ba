"""A config proposed for a folder of images, from how many and how large they are."""

from __future__ import annotations

from pathlib import Path

from nnfs_cli.config.proposal import Proposal
from nnfs_cli.config.yaml_reader import scalar_to_yaml
from nnfs_cli.data.images.class_folders import MOST, Found, find_images
from nnfs_cli.data.images.decoder import commonest_size
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import one_line, some

SMALLEST, LARGEST = 16, 64
"""Sides between which a small network learns something in minutes."""
HEAD = """\
# Made from {folder}: {images:,} images{purpose}, {classes} classes.
{left_out}name: {name}
seed: 0                        # decides initial weights and the order of samples

data:
  type: image_folder
  path: {path}
  size: {side}                     # every image is stretched to {side} x {side} pixels
{splits}  normalize: standard          # each channel to mean 0, deviation 1, measured in training
  augment:                     # every image, by numbers drawn anew in every epoch, is
    - {{type: shift, pixels: {shift}}} # moved,
    - {{type: rotate, degrees: 10}} # turned
    - {{type: scale, fraction: 0.1}} # and enlarged or shrunk
    # - flip                   # add this where a mirrored image is as good: photos, not letters

layers:                        # batch_norm has a bias of its own, so conv2d needs none
"""
STAGE = """\
  - {{type: conv2d, filters: {filters}, kernel_size: 3, padding: same, use_bias: false}}
  - {{type: max_pool2d, pool_size: 2}} # {side} x {side} x {filters}
  - batch_norm
  - relu
"""
TAIL = """\
  - global_avg_pool2d          # the mean of each channel
  - {{type: dropout, rate: 0.2}} # a fifth of them, drawn anew each step, is blanked
  - {{type: dense, units: {classes}}}    # a logit for each class: {labels}

loss: cross_entropy
optimizer: {{type: adamw, lr: 3e-3, weight_decay: 0.02}}
schedule: {{type: one_cycle, pct_start: 0.2}} # up for a fifth of the steps, then down to nearly 0
metrics: [accuracy]

train:
  epochs: 30
  batch_size: 32               # samples a step
"""


def propose_folder_config(folder: Path) -> Proposal:
    """A commented config. Raises DataError if it has no two class folders."""
    found = find_images(folder)
    if len(found.train) < 2:
        raise DataError(
            f"{folder} has images of one class only, {next(iter(found.train))!r}",
            "add a sub-folder for each other class: a network tells classes apart",
        )
    files = [file for images in found.train.values() for file in images]
    side = suitable_side(max(commonest_size(files)))
    splits = ""
    if not found.divided:
        splits += "  test: 0.2                    # fraction of the images kept for the test\n"
    if not found.validation:
        splits += "  validation: 0.1              # fraction of the rest: chooses the best epoch\n"
    text = HEAD.format(
        folder=one_line(str(folder)),
        images=len(files),
        purpose=" for training" if found.divided else "",
        left_out=_comment(found.left_out),
        classes=len(found.train),
        name=scalar_to_yaml(folder.resolve().name),
        path=scalar_to_yaml(str(folder)),
        side=side,
        splits=splits,
        shift=max(1, side // 16),
    )
    filters = 16
    while side >= SMALLEST // 2:
        side //= 2
        text += STAGE.format(filters=filters, side=side)
        filters *= 2
    labels = ", ".join(list(found.train)[:8]) + (", ..." if len(found.train) > 8 else "")
    text += TAIL.format(classes=len(found.train), labels=one_line(labels))
    return Proposal(folder.resolve().name, text, _taken(found), "; ".join(found.notices))


def _taken(found: Found) -> list[str]:
    """The classes, and how many images there are in each split."""
    splits = {"training": found.train, "validation": found.validation, "test": found.test}
    counts = {split: sum(map(len, classes.values())) for split, classes in splits.items()}
    listed = ", ".join(f"{count:,} for {split}" for split, count in counts.items() if count)
    lines = [
        f"images    {listed if found.divided else sum(counts.values())}",
        f"target    {len(found.train)} classes ({some(list(found.train))})",
    ]
    if found.left_out:
        lines.append(f"left out  {some(found.left_out)}")
    return [one_line(line) for line in lines]


def _comment(left_out: list[str]) -> str:
    """A line that names the folders which belong to no split, if there are any."""
    more = ", ..." if len(left_out) > MOST else ""
    names = one_line(", ".join(left_out[:MOST]))
    return f"# Left out, since they are not part of the data: {names}{more}\n" if left_out else ""


def suitable_side(pixels: int) -> int:
    """A power of two near the images' own side."""
    side = SMALLEST
    while side < LARGEST and side * 3 // 2 <= pixels:
        side *= 2
    return side
