"""onnxruntime: the network of PyTorch's side, exported; it only predicts."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import onnxruntime
import torch
from torch import nn
from works import Work

from sides.pytorch import network


def build(work: Work) -> Callable[[], object]:
    if work.does != "predict":
        raise NotImplementedError("it only predicts")
    session = onnxruntime.InferenceSession(exported(work), providers=["CPUExecutionProvider"])
    inputs = ready_inputs(work)
    return lambda: session.run(None, {"x": inputs})[0]


def exported(work: Work) -> bytes:
    """The network with its softmax, in ONNX's format; images are channels first there."""
    module = nn.Sequential(network(work), nn.Softmax(1)).eval()
    module = module.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    example, buffer = torch.from_numpy(ready_inputs(work)), io.BytesIO()
    torch.onnx.export(module, (example,), buffer, input_names=["x"], dynamo=False)
    return buffer.getvalue()


def ready_inputs(work: Work) -> np.ndarray:
    inputs, _ = work.ready_batch()
    return inputs if inputs.ndim == 2 else np.ascontiguousarray(inputs.transpose(0, 3, 1, 2))
