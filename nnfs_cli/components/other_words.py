"""What books and other libraries call the words of a config."""

from __future__ import annotations

from collections.abc import Container

OTHER_WORDS: dict[str, str] = {
    "lr": "learning_rate eta η alpha α step_size learn_rate initial_lr lr_init learning_rate_init",
    "weight_decay": "l2 lambda λ lmbda lambd reg regularization regularisation regularizer penalty "
    "kernel_regularizer weight_regularizer l2_regularization l2_reg decay",
    "bias_decay": "bias_regularizer",
    "epochs": "iterations num_iterations n_iterations max_iter n_iter num_epochs n_epochs nb_epoch",
    "batch_size": "minibatch mini_batch minibatch_size mini_batch_size batch",
    "initializer": "init weight_init weights_init kernel_initializer weight_initializer "
    "initialization initialisation",
    "bias_initializer": "bias_init",
    "activation": "nonlinearity transfer_function",
    "units": "neurons nodes hidden hidden_units num_hidden out_features output_dim "
    "hidden_layer_sizes",
    "filters": "out_channels num_filters feature_maps",
    "rate": "keep_prob drop_prob dropout_rate p",
    "loss": "cost cost_function loss_function criterion objective error",
    "validation": "validation_split val_split validation_size validation_fraction validation_data",
    "mse": "quadratic quadratic_cost squared_error squared_loss sse l2_loss least_squares",
    "hinge": "svm svm_loss support_vector_machine hinge_loss max_margin",
    "sigmoid": "logistic expit logsig",
    "binary_cross_entropy": "logistic logistic_regression log_loss logloss",
    "cross_entropy": "nll negative_log_likelihood log_likelihood softmax_loss log_loss "
    "softmax_cross_entropy",
    "mae": "l1_loss absolute_error",
    "dense": "fc fully_connected perceptron mlp inner_product",
    "tanh": "tansig",
    "leaky_relu": "lrelu",
    "relu": "relu6 rectifier",
    "he_normal": "he msra",
    "step": "step_decay",
    "schedule": "lr_decay learning_rate_decay lr_schedule lr_scheduler scheduler "
    "annealing learning_rate_schedule",
    "clip_norm": "clip clipnorm clipping gradient_clipping grad_clip gradient_clip max_grad_norm",
    "seed": "random_state random_seed",
    "normalize": "normalization normalisation standardize standardise standardization scaling "
    "standardisation scaler rescale feature_scaling zscore",
    "test": "test_size test_split",
    "min_delta": "tol tolerance",
    "patience": "n_iter_no_change",
    "epsilon": "eps",
    "accuracy": "acc",
    "f1": "f1_score f_score",
    "sgd": "gd gradient_descent gradientdescent momentum nesterov",
}
"""To each of our words those of others, in the order of preference."""

PLACES: dict[str, str] = {
    "lr": "optimizer.lr",
    "weight_decay": "optimizer.weight_decay",
    "bias_decay": "dense.bias_decay",
    "epochs": "train.epochs",
    "batch_size": "train.batch_size",
    "initializer": "dense.initializer",
    "bias_initializer": "dense.bias_initializer",
    "activation": "dense.activation",
    "units": "dense.units",
    "filters": "conv2d.filters",
    "rate": "dropout.rate",
    "validation": "data.validation",
    "schedule": "schedule",
    "clip_norm": "train.clip_norm",
    "seed": "seed",
    "normalize": "data.normalize",
    "min_delta": "train.early_stopping.min_delta",
    "patience": "train.early_stopping.patience",
}
"""Where the keys among them stand."""
ALIKE = {"loss": "loss", "optimizer": "optimizer", "workers": "train.workers"}
"""Keys that others call so too, where they have options for them."""
LAYERS = ("dense", "conv2d", "dropout")
"""Whose keys are among them: of which layer, no key of the whole config says."""

MORE: dict[str, str] = {
    "momentum": "write {type: sgd, momentum: 0.9}",
    "nesterov": "write {type: sgd, momentum: 0.9, nesterov: true}",
    "decay": "weight_decay pulls weights to zero; `schedule: inverse_time` lowers the rate",
    "keep_prob": "dropout has `rate`, which is 1 - keep_prob",
    "one_hot": "classes become one-hot rows by themselves, where the loss needs it",
    "onehot": "classes become one-hot rows by themselves, where the loss needs it",
    "shuffle": "samples are in another order in every epoch anyway",
    "dropout": "it is a layer: {type: dropout, rate: 0.2}",
    "verbose": "it is no matter of the config: `nnfs train -q` says less, -v more",
    "callbacks": "train.early_stopping and train.checkpoint are keys; no code stands in a config",
}
"""What to say of a word that ours alone would not explain."""


def spelled(word: str) -> str:
    """A word as all of ours are spelled: ``one_hot`` for ``One-Hot`` and ``one hot``."""
    return "_".join(word.lower().replace("-", " ").split())


def our_word(word: str, known: Container[str]) -> str | None:
    """The one of our words, among those ``known`` here, that others call ``word``."""
    said = spelled(word)
    meant = (ours for ours, theirs in OTHER_WORDS.items() if said in theirs.split())
    return next((ours for ours in meant if ours in known), None)


def place_of(word: str) -> str:
    """Where the key stands that others, or we, call ``word``; empty if it is none."""
    return PLACES.get(spelled(word)) or PLACES.get(our_word(word, PLACES) or "", "")


def key_of(option: str) -> str:
    """The key of the whole config that an option such as ``--learning-rate`` would be, or none."""
    place = place_of(option) or ALIKE.get(spelled(option), "")
    return "" if place.startswith(LAYERS) else place


def hint_of_ours(word: str, known: Container[str]) -> str:
    """A hint at what is meant by ``word``, which is not ``known`` here, or at where that stands.

    Empty if it is no word of others, and none of ours that stands elsewhere.
    """
    said = spelled(word)
    here = said if said in known else our_word(word, known)
    if here is None or said in MORE:
        place = place_of(word)
        return MORE.get(said) or (f"it is {place}" if place else "")
    return f"did you mean {here!r}?"
