"""Write torch.npz: what PyTorch and scikit-learn compute, for the tests to compare with.

Run it with both installed: ``python tests/golden/make.py``. The file is one flat dictionary of
arrays, ``kind/case/name``; ``kind/case/description`` is the component as JSON.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn import metrics as sk
from torch import nn
from torch.nn import functional as F

ARRAYS: dict[str, Any] = {}
RANDOM = np.random.default_rng(7)
LossCase = tuple[str, dict[str, Any], torch.Tensor, Callable[..., torch.Tensor]]


def save(kind: str, case: str, description: dict[str, Any], **arrays: Any) -> None:
    ARRAYS[f"{kind}/{case}/description"] = json.dumps(description)
    for name, array in arrays.items():
        value = array.detach().numpy() if isinstance(array, torch.Tensor) else array
        ARRAYS[f"{kind}/{case}/{name}"] = np.array(value)


def tensor(*shape: int, spread: float = 2.0) -> torch.Tensor:
    return torch.tensor(spread * RANDOM.standard_normal(shape), requires_grad=True)


def activations() -> None:
    functions: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "relu": F.relu,
        "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
        "elu": lambda x: F.elu(x, 0.7),
        "selu": F.selu,
        "gelu": lambda x: F.gelu(x, approximate="tanh"),
        "silu": F.silu,
        "mish": F.mish,
        "softplus": F.softplus,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "hard_sigmoid": F.hardsigmoid,
        "hard_swish": F.hardswish,
        "softmax": lambda x: F.softmax(x, -1),
        "linear": lambda x: x,
    }
    keys = {"leaky_relu": {"negative_slope": 0.2}, "elu": {"alpha": 0.7}}
    for word, function in functions.items():
        x, u = tensor(5, 7), tensor(5, 7)
        y = function(x)
        y.backward(u)
        save("layer", word, {"type": word} | keys.get(word, {}), x=x, u=u, y=y, dx=x.grad)


def learned_slopes() -> None:
    for case, keys, count in (
        ("prelu", {"initial_slope": 0.1}, 1),
        ("prelu_channels", {"per_channel": True}, 7),
    ):
        x, u = tensor(5, 7), tensor(5, 7)
        module = nn.PReLU(count).double()
        scatter(module)
        y = module(x)
        y.backward(u)
        save(
            "layer", case, {"type": "prelu"} | keys, x=x, u=u, y=y, dx=x.grad,
            value_slope=module.weight, grad_slope=module.weight.grad,
        )  # fmt: skip


def transposed() -> None:
    cases: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "conv_transpose2d": ({}, {}),
        "conv_transpose2d_strided": ({"strides": 2}, {"stride": 2}),
        "conv_transpose2d_padded": (
            {"strides": [2, 3], "padding": 1}, {"stride": (2, 3), "padding": 1}),
        "conv_transpose2d_same": ({"strides": 2, "padding": "same"}, {"stride": 2}),
        "conv_transpose2d_dilated": ({"dilation": 2}, {"dilation": 2}),
    }  # fmt: skip
    for case, (keys, options) in cases.items():
        module = nn.ConvTranspose2d(4, 5, 3, **options).double()
        description = {"type": "conv_transpose2d", "filters": 5, "kernel_size": 3} | keys
        # Keras's `same` cuts the odd pixel off behind, where its windows overlap the end.
        ends = slice(14 if "same" in case else None), slice(12 if "same" in case else None)
        arrays = on_images(lambda x, make=module, ends=ends: make(x)[:, :, *ends])
        save(
            "layer", case, description, **arrays,
            value_weight=module.weight.permute(2, 3, 0, 1), value_bias=module.bias,
            grad_weight=module.weight.grad.permute(2, 3, 0, 1), grad_bias=module.bias.grad,
        )  # fmt: skip


def layers() -> None:
    x, u = tensor(4, 6), tensor(4, 3)
    dense = nn.Linear(6, 3).double()
    y = dense(x)
    y.backward(u)
    save(
        "layer", "dense", {"type": "dense", "units": 3}, x=x, u=u, y=y, dx=x.grad,
        value_weight=dense.weight.T, value_bias=dense.bias,
        grad_weight=dense.weight.grad.T, grad_bias=dense.bias.grad,
    )  # fmt: skip
    x, u = tensor(4, 6), tensor(4, 6)
    normal = nn.LayerNorm(6).double()
    scatter(normal)
    y = normal(x)
    y.backward(u)
    save("layer", "layer_norm", {"type": "layer_norm"}, x=x, u=u, y=y, dx=x.grad, **affine(normal))
    for case, training in (("batch_norm_training", True), ("batch_norm_inference", False)):
        x, u = tensor(4, 3, 2, 5), tensor(4, 3, 2, 5)
        batch = nn.BatchNorm2d(5, momentum=0.2).double()
        scatter(batch)
        batch.running_mean.copy_(tensor(5).detach())
        batch.running_var.copy_(tensor(5).detach() ** 2)
        before = {"mean": batch.running_mean.clone(), "variance": batch.running_var.clone()}
        batch.train(training)
        y = batch(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        y.backward(u)
        save(
            "layer", case, {"type": "batch_norm", "momentum": 0.8}, x=x, u=u, y=y, dx=x.grad,
            training=training, **affine(batch),
            before_running_mean=before["mean"], before_running_variance=before["variance"],
            after_running_mean=batch.running_mean, after_running_variance=batch.running_var,
        )  # fmt: skip


def images() -> None:
    same = {"kernel_size": 3, "padding": 1}
    convolutions: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "conv2d": (same, {}),
        "conv2d_strided": (same | {"strides": 2}, {"stride": 2}),
        "conv2d_dilated": (same | {"padding": 2, "dilation": 2}, {"dilation": 2, "padding": 2}),
        "conv2d_grouped": (same | {"groups": 2}, {"groups": 2}),
        "conv2d_depthwise": (same | {"groups": 4}, {"groups": 4}),
    }
    for case, (keys, options) in convolutions.items():
        module = nn.Conv2d(4, 8, 3, **({"padding": 1} | options)).double()
        arrays = on_images(module)
        save(
            "layer", case, {"type": "conv2d", "filters": 8} | keys, **arrays,
            value_weight=module.weight.permute(2, 3, 1, 0), value_bias=module.bias,
            grad_weight=module.weight.grad.permute(2, 3, 1, 0), grad_bias=module.bias.grad,
        )  # fmt: skip
    pool = {"pool_size": 3, "strides": 2, "padding": 1}
    others: dict[str, tuple[dict[str, Any], Callable[[torch.Tensor], torch.Tensor]]] = {
        "max_pool2d": ({}, lambda x: F.max_pool2d(x, 2)),
        "max_pool2d_overlapping": (pool, lambda x: F.max_pool2d(x, 3, 2, 1)),
        "avg_pool2d": ({}, lambda x: F.avg_pool2d(x, 2)),
        "avg_pool2d_overlapping": (pool, lambda x: F.avg_pool2d(x, 3, 2, 1)),
        "avg_pool2d_real": (pool | {"count_include_pad": False},
                            lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
        "global_avg_pool2d": ({}, lambda x: F.adaptive_avg_pool2d(x, 1)[:, :, 0, 0]),
        "global_max_pool2d": ({}, lambda x: F.adaptive_max_pool2d(x, 1)[:, :, 0, 0]),
        "zero_pad2d": ({"padding": [1, 2]}, lambda x: F.pad(x, (2, 2, 1, 1))),
        "upsample2d": ({"size": [2, 3]}, lambda x: F.interpolate(x, scale_factor=(2, 3))),
    }  # fmt: skip
    for case, (keys, function) in others.items():
        word = case.partition("2d")[0] + "2d"
        save("layer", case, {"type": word} | keys, **on_images(function))
    norm = nn.GroupNorm(2, 4).double()
    scatter(norm)
    arrays = on_images(norm)
    save("layer", "group_norm", {"type": "group_norm", "groups": 2}, **arrays, **affine(norm))


def on_images(function: Callable[[torch.Tensor], torch.Tensor]) -> dict[str, Any]:
    """An image, channels last, what the function makes of it, and the gradient."""
    x = tensor(3, 7, 6, 4)
    y = function(x.permute(0, 3, 1, 2))
    y = y.permute(0, 2, 3, 1) if y.ndim == 4 else y
    u = tensor(*y.shape)
    y.backward(u)
    return {"x": x, "u": u, "y": y, "dx": x.grad}


def scatter(module: nn.Module) -> None:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(tensor(*parameter.shape))


def affine(module: Any) -> dict[str, torch.Tensor]:
    return {
        "value_gamma": module.weight, "value_beta": module.bias,
        "grad_gamma": module.weight.grad, "grad_beta": module.bias.grad,
    }  # fmt: skip


def losses() -> None:
    numbers = torch.tensor(RANDOM.integers(0, 5, 6))
    soft = torch.tensor(RANDOM.dirichlet(np.ones(5), 6))
    weights = [0.5, 1.0, 2.0, 0.25, 3.0]
    values, bits = tensor(6, 5).detach(), torch.tensor(RANDOM.random((6, 5)))
    w = torch.tensor(weights, dtype=torch.float64)
    ce = "cross_entropy"
    cases: list[LossCase] = [
        ("mse", {"type": "mse"}, values, F.mse_loss),
        ("mae", {"type": "mae"}, values, F.l1_loss),
        ("huber", {"type": "huber", "delta": 0.8}, values,
         lambda y, t: F.huber_loss(y, t, delta=0.8)),
        ("numbers", {"type": ce}, numbers, F.cross_entropy),
        ("soft", {"type": ce}, soft, F.cross_entropy),
        ("smooth", {"type": ce, "label_smoothing": 0.1}, numbers,
         lambda y, t: F.cross_entropy(y, t, label_smoothing=0.1)),
        ("smooth_soft", {"type": ce, "label_smoothing": 0.1}, soft,
         lambda y, t: F.cross_entropy(y, t, label_smoothing=0.1)),
        ("weighted", {"type": ce, "class_weights": weights}, numbers,
         lambda y, t: F.cross_entropy(y, t, weight=w)),
        ("probabilities", {"type": ce, "from_logits": False}, numbers,
         lambda y, t: F.nll_loss(torch.log(y), t)),
        ("binary", {"type": "binary_cross_entropy"}, bits, F.binary_cross_entropy_with_logits),
        ("binary_probabilities", {"type": "binary_cross_entropy", "from_logits": False}, bits,
         F.binary_cross_entropy),
        ("hinge", {"type": "hinge", "margin": 1.5}, numbers,
         lambda y, t: F.multi_margin_loss(y, t, margin=1.5)),
    ]  # fmt: skip
    save_losses(cases)


def weighted_losses() -> None:
    bits, weights = torch.tensor(RANDOM.random((6, 5))), [0.5, 1.0, 2.0, 0.25, 3.0]
    bce = F.binary_cross_entropy_with_logits
    each = [torch.tensor(weight, dtype=torch.float64) for weight in (2.5, weights)]
    one, many = each
    description = {"type": "binary_cross_entropy"}
    save_losses([
        ("binary_pos_weight", description | {"pos_weight": 2.5}, bits,
         lambda y, t: bce(y, t, pos_weight=one)),
        ("binary_pos_weights", description | {"pos_weight": weights}, bits,
         lambda y, t: bce(y, t, pos_weight=many)),
    ])  # fmt: skip


def save_losses(cases: list[LossCase]) -> None:
    for case, description, targets, function in cases:
        outputs = tensor(6, 5)
        if "probabilities" in case:
            outputs = F.softmax(outputs.detach(), 1).requires_grad_()
        value = function(outputs, targets)
        value.backward()
        save(
            "loss", case, description, outputs=outputs, targets=targets, value=value,
            gradient=outputs.grad,
        )  # fmt: skip


def optimizers() -> None:
    o, steps = torch.optim, 50
    cases: dict[str, tuple[dict[str, Any], Callable[..., torch.optim.Optimizer]]] = {
        "sgd": ({}, lambda p: o.SGD(p, lr=0.1)),
        "momentum": ({"momentum": 0.8, "weight_decay": 0.1},
                     lambda p: o.SGD(p, lr=0.1, momentum=0.8)),
        "nesterov": ({"momentum": 0.8, "nesterov": True},
                     lambda p: o.SGD(p, lr=0.1, momentum=0.8, nesterov=True)),
        "rmsprop": ({"rho": 0.95}, lambda p: o.RMSprop(p, lr=0.1, alpha=0.95)),
        "adagrad": ({}, lambda p: o.Adagrad(p, lr=0.1)),
        "adadelta": ({}, lambda p: o.Adadelta(p, lr=0.1)),
        "adam": ({"weight_decay": 0.1}, lambda p: o.Adam(p, lr=0.1)),
        "adamw": ({"weight_decay": 0.1}, lambda p: o.AdamW(p, lr=0.1, weight_decay=0.0)),
        "nadam": ({"momentum_decay": 0.01}, lambda p: o.NAdam(p, lr=0.1, momentum_decay=0.01)),
    }  # fmt: skip
    start = {"weight": RANDOM.standard_normal((3, 4)), "bias": RANDOM.standard_normal(4)}
    noise = {name: RANDOM.standard_normal((steps, *w.shape)) for name, w in start.items()}
    for case, (keys, make) in cases.items():
        word = "sgd" if case in ("momentum", "nesterov") else case
        parameters = {name: torch.tensor(w, requires_grad=True) for name, w in start.items()}
        decay = keys.get("weight_decay", 0.0)
        groups = [
            {"params": [parameters["weight"]], "weight_decay": decay},
            {"params": [parameters["bias"]], "weight_decay": 0.0},
        ]
        optimizer = make(groups)
        for step in range(steps):
            for name, parameter in parameters.items():
                parameter.grad = parameter.detach() + torch.tensor(noise[name][step])
            optimizer.step()
        save(
            "optimizer", case, {"type": word, "lr": 0.1} | keys,
            weight=start["weight"], bias=start["bias"], noise_weight=noise["weight"],
            noise_bias=noise["bias"], final_weight=parameters["weight"],
            final_bias=parameters["bias"],
        )  # fmt: skip


def schedules() -> None:
    s, count = torch.optim.lr_scheduler, 60
    losses = np.concatenate([np.linspace(2, 1, 15), np.full(25, 1.0), np.linspace(1, 0.9, 20)])
    cases: dict[str, tuple[dict[str, Any], Callable[..., Any]]] = {
        "step": ({"every_epochs": 7, "gamma": 0.3}, lambda o: s.StepLR(o, 7, 0.3)),
        "multi_step": ({"milestones": [5, 20, 21], "gamma": 0.5},
                       lambda o: s.MultiStepLR(o, [5, 20, 21], 0.5)),
        "exponential": ({"gamma": 0.9}, lambda o: s.ExponentialLR(o, 0.9)),
        "polynomial": ({"power": 2.0}, lambda o: s.PolynomialLR(o, count, 2.0)),
        "cosine": ({"final": 0.1}, lambda o: s.CosineAnnealingLR(o, count, 0.1)),
        "restarts": ({"final": 0.1, "cycles": 4},
                     lambda o: s.CosineAnnealingWarmRestarts(o, count // 4, eta_min=0.1)),
        "one_cycle": ({}, lambda o: s.OneCycleLR(o, 1.0, count, cycle_momentum=False)),
        "plateau": ({"patience": 3, "cooldown": 2, "gamma": 0.5, "min_factor": 0.1},
                    lambda o: s.ReduceLROnPlateau(o, factor=0.5, patience=3, threshold=1e-4,
                        threshold_mode="abs", cooldown=2, min_lr=0.1)),
    }  # fmt: skip
    for case, (keys, make) in cases.items():
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler = make(optimizer)
        factors = []
        for loss in losses:
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if case == "plateau":
                scheduler.step(loss)
            elif len(factors) < count:
                scheduler.step()
        word = "cosine" if case == "restarts" else case
        save("schedule", case, {"type": word} | keys, factors=factors, losses=losses)


def metrics() -> None:
    targets = RANDOM.integers(0, 4, 60)
    scores = RANDOM.random((60, 5)) + np.eye(5)[targets] * 0.3
    guesses = scores.argmax(1)
    for average in ("macro", "weighted"):
        p, r, f, _ = sk.precision_recall_fscore_support(
            targets, guesses, average=average, zero_division=0
        )
        for word, value in (("precision", p), ("recall", r), ("f1", f)):
            description = {"type": word, "average": average}
            save("metric", f"{word}_{average}", description,
                 predictions=scores, targets=targets, classes=5, value=value)  # fmt: skip
    top = sk.top_k_accuracy_score(targets, scores, k=3, labels=range(5))
    for description, value in (
        ({"type": "top_k", "k": 3}, top),
        ({"type": "accuracy"}, sk.accuracy_score(targets, guesses)),
    ):
        save("metric", description["type"], description,
             predictions=scores, targets=targets, classes=5, value=value)  # fmt: skip
    binary, score = targets % 2, np.round(scores[:, :1], 1)
    save("metric", "roc_auc", {"type": "roc_auc"}, predictions=score, targets=binary, classes=2,
         value=sk.roc_auc_score(binary, score[:, 0]))  # fmt: skip
    truth = 1000.0 + RANDOM.standard_normal((60, 3)) * [1.0, 2.0, 3.0]
    guess = truth + RANDOM.standard_normal((60, 3))
    for word, function in (
        ("mse", sk.mean_squared_error),
        ("rmse", lambda t, y: sk.mean_squared_error(t, y) ** 0.5),
        ("mae", sk.mean_absolute_error),
        ("r2", sk.r2_score),
    ):
        save("metric", word, {"type": word}, predictions=guess, targets=truth, classes=3,
             value=function(truth, guess))  # fmt: skip


if __name__ == "__main__":
    torch.manual_seed(0)
    warnings.simplefilter("ignore")
    made = (activations, layers, losses, optimizers, schedules, metrics, images)
    for make in (*made, learned_slopes, transposed, weighted_losses):
        make()
    np.savez_compressed(Path(__file__).with_name("torch.npz"), **ARRAYS)
