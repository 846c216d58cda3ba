"""The contract of data sets that are the user's files, of which validation may have its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from nnfs_cli.components.component import family
from nnfs_cli.data.dataset import Dataset

Fraction = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=0)]


@family("dataset", noun="data set")
class UserData(Dataset):
    """Samples in the user's own files."""

    path: str = Field(description="the file or folder of the samples")
    validation: str | Count | Fraction = Field(  # type: ignore[assignment]  # the base has no files
        default=0.1,
        kw_only=True,
        description="a fraction or a whole number of training samples kept for validation; or the "
        "file or folder of a validation split of your own",
    )

    @model_validator(mode="after")
    def _one_validation(self) -> Self:
        if self.fold is not None and isinstance(self.validation, str):
            raise ValueError(
                "validation names its own samples, and fold takes training samples; "
                "leave one of them out"
            )
        return self

    def repeated(self) -> Iterator[str]:
        """A sentence for each split of one's own that is the training's file or folder itself."""
        for split in ("validation", "test"):
            given = getattr(self, split)
            if isinstance(given, str) and os.path.realpath(given) == os.path.realpath(self.path):
                yield (
                    f"data.{split} is the training data itself: what is measured on it is "
                    "remembered, not learnt"
                )
