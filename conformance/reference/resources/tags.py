"""Tags: what an owner has written on its own resources."""

from __future__ import annotations

from typing import Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import NAMED_KINDS, AccessDeniedError, InvalidError, NotFoundError
from conformance.reference.world import Record

_MOST_TAGS: Final = 200


@handles("ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    """The tags of a resource."""
    return {"tags": _own_resource(call).tags}


@handles("TagResource")
def tag_resource(call: Call) -> Answer:
    """Adds tags; those of the same key are overwritten."""
    resource = _own_resource(call)
    tags = resource.tags | call["tags"]
    if len(tags) > _MOST_TAGS:
        text = f"a resource can have {_MOST_TAGS} tags"
        raise InvalidError(f"tags: {text}.", ("tags", text))
    resource.tags = tags
    return {}


@handles("UntagResource")
def untag_resource(call: Call) -> Answer:
    """Takes tags away; keys that are not there are none to take."""
    resource = _own_resource(call)
    gone = set(call["tagKeys"])
    resource.tags = {key: value for key, value in resource.tags.items() if key not in gone}
    return {}


def _own_resource(call: Call) -> Record:
    arn = call["resourceArn"]
    resource = call.world.find_by_arn(arn)
    if resource is None:
        raise NotFoundError(_kind(arn), arn)
    if resource.owner != call.account:
        raise AccessDeniedError("Only a resource's owner manages its tags.")
    return resource


def _kind(arn: str) -> str:
    """The kind of resource that an ARN names, as far as an error can say it."""
    names = {kind.replace("_", "").lower(): kind for kind in NAMED_KINDS}
    return next(
        (
            names[part]
            for part in reversed(arn.partition(":")[2].replace(":", "/").split("/"))
            if part in names
        ),
        "MEMBERSHIP",
    )
