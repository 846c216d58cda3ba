"""The contract of data sets that are the user's files, of which validation may have its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nnfs_cli.components.component import family
from nnfs_cli.data.dataset import Dataset

Fraction = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=0)]


@family("dataset", noun="data set")
class UserData(Dataset):
    """Samples in the user's own files."""

    validation: str | Count | Fraction = Field(  # type: ignore[assignment]  # the base has no files
        default=0.1,
        kw_only=True,
        description="a fraction or a whole number of training samples kept for validation; or the "
        "file or folder of a validation split of your own",
    )
