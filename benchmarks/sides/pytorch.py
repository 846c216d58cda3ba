"""PyTorch, eager: fused Adam, images channels_last, as many threads as it chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from works import LEARNING_RATE, Description, Work

Shape = tuple[int, ...]


class Residual(nn.Module):
    """s(x) + f(x), s a 1 x 1 convolution where f changes the shape."""

    def __init__(self, body: nn.Module, before: Shape, after: Shape) -> None:
        super().__init__()
        self.body = body
        self.shortcut: nn.Module = nn.Identity()
        if before != after:
            stride = before[0] // after[0]
            self.shortcut = nn.Conv2d(before[2], after[2], 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.body(x)


def layer(description: Description, shape: Shape) -> tuple[nn.Module, Shape]:
    """The layer for inputs of a shape (as nnfs has it, channels last), and its outputs' shape."""
    match description:
        case {"type": "dense", "units": units}:
            return nn.Linear(shape[0], units), (units,)
        case {"type": "conv2d", "filters": filters, "strides": stride, "use_bias": bias}:
            after = tuple(-(-side // stride) for side in shape[:2])
            convolution = nn.Conv2d(shape[2], filters, 3, stride, padding=1, bias=bias)
            return convolution, (*after, filters)
        case {"type": "relu"}:
            return nn.ReLU(), shape
        case {"type": "batch_norm"}:
            return nn.BatchNorm2d(shape[2]), shape
        case {"type": "max_pool2d"}:
            return nn.MaxPool2d(2), (shape[0] // 2, shape[1] // 2, shape[2])
        case {"type": "global_avg_pool2d"}:
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), shape[2:]
        case {"type": "flatten"}:
            return nn.Flatten(), (shape[0] * shape[1] * shape[2],)
        case {"type": "residual", "layers": layers}:
            body, after = sequence(layers, shape)
            return Residual(body, shape, after), after
    raise ValueError(f"PyTorch's side does not know {description}")


def sequence(descriptions: Sequence[Description], shape: Shape) -> tuple[nn.Sequential, Shape]:
    parts = []
    for description in descriptions:
        part, shape = layer(description, shape)
        parts.append(part)
        if "activation" in description:
            parts.append(nn.ReLU())
    return nn.Sequential(*parts), shape


def network(work: Work) -> nn.Sequential:
    module, _ = sequence(work.layers, work.input_shape)
    return module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def tensors(work: Work) -> tuple[Tensor, Tensor]:
    inputs, classes = (torch.from_numpy(array) for array in work.ready_batch())
    if inputs.ndim == 4:
        inputs = inputs.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    return inputs, classes


def build(work: Work) -> Callable[[], object]:
    module, (x, y) = network(work), tensors(work)
    if work.does == "predict":
        module.eval()
        return torch.inference_mode()(lambda: module(x).softmax(1).numpy())
    optimizer = torch.optim.Adam(module.parameters(), lr=LEARNING_RATE, fused=True)
    loss_of = nn.CrossEntropyLoss()

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(module(x), y)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step
