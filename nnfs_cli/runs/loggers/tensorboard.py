"""``--log tensorboard``: event files, which TensorBoard shows as curves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from nnfs_cli.config.yaml_reader import to_yaml
from nnfs_cli.runs.logger import Logger, logger
from nnfs_cli.runs.run import Run

SPLITS = {"train": "train", "val": "validation"}


@logger("tensorboard")
class TensorBoard(Logger):
    """In the folder tensorboard of the run, so that `tensorboard --logdir runs` shows all; or in
    ``WHERE/<id of the run>``. The curves are ``loss/train``, ``loss/validation``, ..., by epoch."""

    needs = "tensorboardX"

    def begin(self, run: Run, config: Mapping[str, Any], epoch: int) -> None:
        """Open a new event file; what an earlier one says of later epochs is no longer shown."""
        from tensorboardX import SummaryWriter

        folder = os.path.join(self.where, run.id) if self.where else run.make_folder("tensorboard")
        own = f".{epoch:09}.{os.getpid()}"  # two of one second would be one file
        purge = epoch + 1 if epoch else None
        self.writer = SummaryWriter(str(folder), purge_step=purge, filename_suffix=own)
        self.last = epoch
        self.writer.add_text("config", f"```yaml\n{to_yaml(dict(config))}```", epoch)

    def epoch(self, epoch: int, figures: Mapping[str, float]) -> None:
        """Add a point to each curve."""
        self.last = epoch
        for name, value in figures.items():
            split, _, metric = name.partition("_")
            tag = f"{metric}/{SPLITS[split]}" if split in SPLITS and metric else name
            self.writer.add_scalar(tag, value, epoch)
        self.writer.flush()

    def end(self, status: str, test: Mapping[str, float]) -> None:
        """Add the test's figures at the last epoch."""
        for name, value in test.items():
            self.writer.add_scalar(f"{name}/test", value, self.last)
        self.writer.close()
