"""Responses of Graph checked against its published model: types, names and enumerations."""

import re
from functools import cache
from xml.etree import ElementTree

from tests.simulator.vendor_schemas import published

PATH = published("graph-v1.0-csdl.xml")
EXTRA = {
    ("identity", "email"): "Graph returns it for SharePoint; identity is an open type",
    ("identitySet", "group"): "the owner of a group's drive; identitySet is an open type",
    ("fieldValueSet", "*"): "its properties are the columns of a list",
}
"""What the model does not have and Graph returns, with the reason."""
_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


class Model:
    """The entity model."""

    def __init__(self, path):
        self.types, self.enums, self.sets = {}, {}, {}
        for schema in ElementTree.parse(path).iter(f"{_EDM}Schema"):
            if schema.get("Namespace") != "microsoft.graph":
                continue
            for kind in ("EntityType", "ComplexType"):
                for found in schema.iter(f"{_EDM}{kind}"):
                    self.types[found.get("Name")] = (
                        _short(found.get("BaseType", "")),
                        {
                            p.get("Name"): _short(p.get("Type"))
                            for tag in ("Property", "NavigationProperty")
                            for p in found.iter(f"{_EDM}{tag}")
                        },
                    )
            for found in schema.iter(f"{_EDM}EnumType"):
                names = {m.get("Name") for m in found.iter(f"{_EDM}Member")}
                self.enums[found.get("Name")] = names
            for tag in ("EntitySet", "Singleton"):
                for found in schema.iter(f"{_EDM}{tag}"):
                    kind = found.get("EntityType") or found.get("Type")
                    many = tag == "EntitySet"
                    self.sets[found.get("Name")] = _wrap(_short(kind), many)

    def properties(self, name):
        """A type's properties with those of its bases."""
        base, own = self.types[name]
        return {**(self.properties(base) if base else {}), **own}

    def descends(self, name, base):
        """Whether a type is another or comes from it."""
        while name and name != base:
            name = self.types[name][0]
        return bool(name)

    def type_of(self, context):
        """The type that an ``@odata.context`` names."""
        path = re.sub(r"\('[^']*'\)", "", context.partition("#")[2])
        if path.startswith("Collection("):
            return path
        steps = path.split("/")
        single = steps[-1] == "$entity"
        steps = steps[:-1] if single else steps
        if steps[0] in self.types and steps[0] not in self.sets:
            return steps[0]
        kind = self.sets[steps[0]]
        for step in steps[1:]:
            kind = kind.removeprefix("Collection(").removesuffix(")")
            if step.startswith("microsoft.graph."):
                assert self.descends(_short(step), kind), f"{step} is no {kind}"
                kind = f"Collection({_short(step)})"
            else:
                kind = self.properties(kind)[step]
        return kind.removeprefix("Collection(").removesuffix(")") if single else kind

    def check(self, body):
        """Check a whole response by its context.

        Raises:
            AssertionError: something in it is not as the model says.
        """
        kind = self.type_of(body["@odata.context"])
        rest = {k: v for k, v in body.items() if k != "@odata.context"}
        if kind.startswith("Collection("):
            for key in rest:
                assert key == "value" or key.startswith("@odata."), f"{key} beside value"
            self._value(rest["value"], kind, "value")
        else:
            self._value(rest, kind, kind)

    def _value(self, value, kind, at):
        if value is None:
            return
        if kind.startswith("Collection("):
            assert isinstance(value, list), f"{at}: no list"
            inner = kind[len("Collection(") : -1]
            for number, one in enumerate(value):
                self._value(one, inner, f"{at}[{number}]")
        elif kind.startswith("Edm."):
            _primitive(value, kind, at)
        elif kind in self.enums:
            assert value in self.enums[kind], f"{at}: {value} is no {kind}"
        elif kind in self.types:
            self._object(value, kind, at)

    def _object(self, value, kind, at):
        assert isinstance(value, dict), f"{at}: no object"
        if said := value.get("@odata.type"):
            said = _short(said.lstrip("#"))
            assert self.descends(said, kind), f"{at}: {said} is no {kind}"
            kind = said
        known = self.properties(kind)
        for name, inner in value.items():
            if "@" in name:
                continue
            if name in known:
                self._value(inner, known[name], f"{at}.{name}")
            else:
                bases = [base for base, extra in EXTRA if extra in ("*", name)]
                excused = any(self.descends(kind, base) for base in bases)
                assert excused, f"{at}: {kind} has no {name}"


def _short(name):
    many = name.startswith("Collection(")
    inner = name.removeprefix("Collection(").removesuffix(")")
    if inner.startswith("microsoft.graph.") and inner.count(".") == 2:
        inner = inner.removeprefix("microsoft.graph.")
    return _wrap(inner.removeprefix("graph."), many)


def _wrap(name, many):
    return f"Collection({name})" if many else name


def _primitive(value, kind, at):
    fits = {
        "Edm.String": lambda: isinstance(value, str),
        "Edm.Boolean": lambda: isinstance(value, bool),
        "Edm.Int32": lambda: isinstance(value, int) and not isinstance(value, bool),
        "Edm.Int64": lambda: isinstance(value, int) and not isinstance(value, bool),
        "Edm.DateTimeOffset": lambda: isinstance(value, str) and _TIME.match(value),
    }
    assert fits.get(kind, lambda: True)(), f"{at}: {value!r} is no {kind}"


@cache
def model():
    """The model, or None where it is not at hand."""
    return Model(PATH) if PATH is not None else None
