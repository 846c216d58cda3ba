"""Components: one decorated class is a YAML word with its keys, limits, help and errors.

A *family* is a set that people add to (layers, losses, ...). Its base class is marked with
:func:`family`; a member is registered under its YAML name by the family's decorator::

    @layer("dense")
    class Dense(Layer):
        units: int = Field(ge=1, description="size of the output")

The class becomes a dataclass whose fields are its YAML keys, checked by pydantic whether they
come from a config or from Python. Wherever a field is typed with a family's base class, a config
may write a bare word (``relu``) or a mapping with ``type`` (``{type: dense, units: 10}``).

A component is both what a config says and what computes: its fields are the config; arrays,
teams and generators come as attributes when it is built or bound. So whatever takes components to
train with them (``experiment.build``, ``train``) copies them first: a copied layer has its fields
alone, a copied loss scratch memory of its own, and ``Optimizer.unbound`` is one without memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Protocol, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic.annotated_handlers import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.dataclasses import dataclass as checked_dataclass
from pydantic_core import ArgsKwargs, InitErrorDetails, PydanticCustomError, core_schema

from nnfs_cli.components.misuse import PlainSpoken, in_words
from nnfs_cli.components.other_words import hint_of_ours
from nnfs_cli.components.registry import IMPORTED, import_family, registered
from nnfs_cli.errors import UsageError

C = TypeVar("C", bound="Component")


class Decorator(Protocol):
    """What `@layer("dense")` is: it takes a class and returns it registered."""

    def __call__(self, cls: type[C], /) -> type[C]:
        """Register the class."""
        ...


STRICT = ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)
WHEN_USED = STRICT | ConfigDict(defer_build=True)
"""For members, of which a config uses a few: their validators take a millisecond each to build."""


class Component(metaclass=PlainSpoken):
    """A part of a network, its data or its training that a config names by its ``type``."""

    family: ClassVar[str]
    """The set it belongs to, such as ``layer``."""
    noun: ClassVar[str]
    """What errors call it: the family's name, or that of a part of it, such as ``activation``."""
    word: ClassVar[str]
    """Its YAML name, the value of ``type``."""

    @model_validator(mode="before")
    @classmethod
    def _accept_numpy_scalars(cls, given: Any) -> Any:
        if not isinstance(given, ArgsKwargs):
            return given
        kwargs = {key: _without_numpy(value) for key, value in (given.kwargs or {}).items()}
        return ArgsKwargs(tuple(_without_numpy(value) for value in given.args), kwargs)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        if "word" in cls.__dict__ or "family" not in cls.__dict__:
            return handler(source)
        return core_schema.no_info_plain_validator_function(cls.read)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        if "word" in cls.__dict__ or "family" not in cls.__dict__:
            return handler(schema)
        return {"family": cls.__name__}

    @classmethod
    def read(cls: type[C], value: Any) -> C:
        """The component that ``value`` describes: an instance, a bare word, or a mapping.

        Raises pydantic's ValidationError, whose path continues the caller's.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            value = {"type": value}
        if not isinstance(value, Mapping):
            problem = f"expected {with_article(cls.noun)}: a word, or a mapping with 'type'"
            raise _error(cls, (), problem, cls.known_words(), value)
        if "type" not in value:
            raise _error(cls, (), f"this {cls.noun} has no 'type'", cls.known_words(), value)
        word = value["type"]
        member = cls.find(word) if isinstance(word, str) else None
        if member is None:
            problem = f"unknown {cls.noun} {word!r}"
            hint = hint_of_ours(str(word), cls.members()) or nearest(str(word), cls.members())
            raise _error(cls, ("type",), problem, hint, word)
        keys = {str(key): item for key, item in value.items() if key != "type"}
        unknown = sorted(key for key in keys if key.startswith("__"))
        if unknown:  # pydantic's own arguments
            raise _error(cls, (), f"unknown key {unknown[0]!r}", "leave it out", value)
        try:
            return member(**keys)
        except UsageError as error:
            if isinstance(error.__cause__, ValidationError):
                raise error.__cause__ from None  # which the caller reports with all its places
            raise

    @classmethod
    def given(cls: type[C], value: Any) -> C:
        """What :meth:`read` makes of a value that a program hands over. Raises UsageError."""
        try:
            return cls.read(value)
        except ValidationError as error:
            raise UsageError(in_words(cls.noun, error)) from error

    def __repr__(self) -> str:
        """Its class with all its keys, as of a dataclass."""
        settings = (f"{name}={getattr(self, name)!r}" for name in own_keys(self))
        return f"{type(self).__qualname__}({', '.join(settings)})"

    def is_a(self, word: str) -> bool:
        """Whether it is the component called ``word``, or made from that.

        It imports nothing: a class that is not imported has no instances.
        """
        member = IMPORTED[self.family].get(word)
        return member is not None and isinstance(self, member)

    @classmethod
    def find(cls: type[C], word: str) -> type[C] | None:
        """The class of this kind called ``word``; None if there is none."""
        member = registered(cls.family, word)
        return member if member and issubclass(member, cls) else None

    @classmethod
    def members(cls: type[C]) -> dict[str, type[C]]:
        """Every class of this kind by YAML name, other names included."""
        import_family(cls.family)
        return {word: c for word, c in IMPORTED[cls.family].items() if issubclass(c, cls)}

    @classmethod
    def known_words(cls) -> str:
        """The words a config may use here, as a hint."""
        return "known are " + ", ".join(sorted({c.word for c in cls.members().values()}))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to a wrong one, or all of them."""
    known = sorted(known)
    return did_you_mean(word, known) or "known are " + ", ".join(known)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to a wrong one, large or small; empty if none is."""
    small = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), small, n=1, cutoff=0.6)
    return f"did you mean {small[close[0]]!r}?" if close else ""


def with_article(noun: str) -> str:
    """``a layer``, ``an activation``."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def own_keys(component: Component) -> list[str]:
    """The keys that a config may write of it, in their order."""
    members = dataclasses.fields(component)  # type: ignore[arg-type]  # they are dataclasses
    return [member.name for member in members]


@dataclass_transform(field_specifiers=(Field,))
def family(name: str, noun: str = "") -> Decorator:
    """Mark the base class of an open set of components, or of a part of one (``noun``)."""

    def mark(cls: type[C]) -> type[C]:
        checked_dataclass(config=STRICT, eq=False, repr=False)(cls)
        cls.family, cls.noun = name, noun or name
        return cls

    return mark


@dataclass_transform(field_specifiers=(Field,))
def layer(name: str, *other_names: str) -> Decorator:
    """Register a layer (or activation) under its YAML name."""
    return _register("layer", name, other_names)


@dataclass_transform(field_specifiers=(Field,))
def loss(name: str, *other_names: str) -> Decorator:
    """Register a loss under its YAML name."""
    return _register("loss", name, other_names)


@dataclass_transform(field_specifiers=(Field,))
def optimizer(name: str, *other_names: str) -> Decorator:
    """Register an optimizer under its YAML name."""
    return _register("optimizer", name, other_names)


@dataclass_transform(field_specifiers=(Field,))
def schedule(name: str, *other_names: str) -> Decorator:
    """Register a learning rate schedule under its YAML name."""
    return _register("schedule", name, other_names)


@dataclass_transform(field_specifiers=(Field,))
def initializer(name: str, *other_names: str) -> Decorator:
    """Register an initializer under its YAML name."""
    return _register("initializer", name, other_names)


@dataclass_transform(field_specifiers=(Field,))
def metric(name: str, *other_names: str) -> Decorator:
    """Register a metric under its YAML name."""
    return _register("metric", name, other_names)


@dataclass_transform(field_specifiers=(Field,))
def dataset(name: str, *other_names: str) -> Decorator:
    """Register a data set under its YAML name."""
    return _register("dataset", name, other_names)


@dataclass_transform(field_specifiers=(Field,))
def augmentation(name: str, *other_names: str) -> Decorator:
    """Register an augmentation under its YAML name."""
    return _register("augmentation", name, other_names)


def _register(family_name: str, name: str, other_names: tuple[str, ...]) -> Decorator:
    def register(cls: type[C]) -> type[C]:
        if getattr(cls, "family", None) != family_name:
            raise TypeError(
                f"{cls.__name__} is registered as {with_article(family_name)} but is not one"
            )
        if not cls.__module__.startswith("nnfs_cli."):
            import_family(family_name)  # whose names are taken
        cls.word = name
        checked_dataclass(config=WHEN_USED, eq=False, repr=False)(cls)
        for word in (name, *other_names):
            taken = IMPORTED[family_name].get(word)
            if taken is not None and _origin(taken) != _origin(cls):
                raise TypeError(f"the {family_name} name {word!r} belongs to {taken.__name__}")
            IMPORTED[family_name][word] = cls
        return cls

    return register


def _origin(cls: type) -> tuple[str, str]:
    """What stays the same when a module is executed again."""
    return cls.__module__, cls.__qualname__


def _without_numpy(value: Any) -> Any:
    """NumPy's scalars as Python's, and tuples as the lists that YAML would give."""
    if isinstance(value, list | tuple):
        return [_without_numpy(item) for item in value]
    return value.item() if getattr(value, "shape", None) == () else value


def _error(
    cls: type[Component], where: tuple[str, ...], problem: str, hint: str, value: Any
) -> ValidationError:
    error = PydanticCustomError(
        "component", "{problem}; {hint}", {"problem": problem, "hint": hint}
    )
    detail = InitErrorDetails(type=error, loc=where, input=value)
    return ValidationError.from_exception_data(cls.__name__, [detail])
