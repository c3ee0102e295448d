"""`Restricted[T]` as the type of a pydantic field. Imported only by pydantic's own call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic_core import PydanticCustomError, SchemaSerializer, ValidationError, core_schema

from sms_observability.privacy.guard import PLACEHOLDER
from sms_observability.privacy.seal import unseal

if TYPE_CHECKING:
    from collections.abc import Callable


def core_schema_of(restricted: Callable[[Any], Any], source: Any, handler: Any) -> Any:
    """Give the schema that validates as `T`, wraps, and serialises to the placeholder.

    `model_dump()` keeps the `Restricted` itself, as pydantic does with its secrets, so that a model can be dumped and
    validated again; JSON gets the placeholder.

    Args:
        restricted: The class `Restricted`, which wraps what is not wrapped yet.
        source: The annotation of the field.
        handler: Pydantic's, which knows the schema of `T`.
    """
    arguments = get_args(source)
    inner = handler.generate_schema(arguments[0]) if arguments else core_schema.any_schema()

    def validated(value: Any, validate: Any) -> Any:
        return _validated(restricted, value, validate)

    return core_schema.no_info_wrap_validator_function(
        validated,
        inner,
        serialization=core_schema.plain_serializer_function_ser_schema(_shown, info_arg=True),
    )


def json_schema_of(schema: Any, handler: Any) -> dict[str, Any]:
    """Give the JSON schema: what is taken in, marked as never given out; or the placeholder."""
    if handler.mode == "serialization":
        return {"type": "string", "const": PLACEHOLDER, "description": "Restricted: the value is never given out."}
    inner: dict[str, Any] = dict(handler(schema))
    return {**inner, "writeOnly": True, "description": "Restricted: taken in, never given out."}


def _shown(value: object, info: Any) -> object:
    return value if info.mode == "python" else PLACEHOLDER


def serializer() -> SchemaSerializer:
    """Give the serializer for a value in a field of type `Any`, which no schema tells about."""
    return SchemaSerializer(
        core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(_shown, info_arg=True))
    )


def _validated(restricted: Callable[[Any], Any], value: Any, validate: Any) -> Any:
    try:
        if type(value) is not restricted:
            return restricted(validate(value))
        validated = validate(unseal(value))
        return value if validated is unseal(value) else restricted(validated)
    except ValidationError as error:
        kinds = {
            str(detail["type"])
            for detail in error.errors(include_input=False, include_url=False, include_context=False)
        }
    except ValueError as error:
        kinds = {type(error).__name__}
    # Raised outside the except, so that the first error, which quotes the input, is not its context.
    problem = PydanticCustomError(
        "restricted_value", "Input is no valid restricted value ({kinds})", {"kinds": ", ".join(sorted(kinds))}
    )
    raise ValidationError.from_exception_data("Restricted", [{"type": problem, "input": PLACEHOLDER}], hide_input=True)
