"""`ctx` of Python files: the names that templates have, and the builder of states, ctx.state(ID).file.managed(...)."""
import sys

import prove_names
import prove_report


class Made(dict):
    """A mapping that knows where it was written, and where each of its keys was."""

    def __init__(self, value, place, keys_at):
        super().__init__(value)
        self.place = place
        self.keys_at = keys_at


class Context:
    def __init__(self, names, lines):
        self.__dict__.update(names)
        self._lines = lines
        self._states = {}

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        known = [key for key in (*self.__dict__, "state", "out") if not key.startswith("_")]
        raise prove_names.MissingName(name, lambda: prove_names.with_nearest(f"ctx has no '{name}'", name, known))

    def out(self, name):
        """A value that is known only on the target: `!out` of YAML."""
        return {"$out": name}

    def state(self, id, **keys):
        """A new state; its parts are made by calling functions on what this gives."""
        place, keys_at = self._lines.call(sys._getframe(1))
        if id in self._states:
            first = self._states[id].place[0]
            raise prove_report.WrongAt(f"the state '{id}' is made twice, first in line {first}", self._lines.path, *place)
        self._states[id] = State(id, Made(keys, place, keys_at), self._lines)
        return self._states[id]

    def with_made_states(self, returned):
        """The states that were made, and what states() returned after them."""
        if not self._states or not isinstance(returned, (dict, type(None))):
            return returned
        result = Made({}, (1, 1), {})
        for id, state in self._states.items():
            if returned and id in returned:
                raise prove_report.WrongAt(f"the state '{id}' is made and returned too", self._lines.path, *state.place)
            result[id] = state.value()
            result.keys_at[id] = state.place
        result.update(returned or {})
        result.keys_at.update(returned.keys_at if isinstance(returned, Made) else {})
        return result


class State:
    """One state. Where the name of a state is wanted, this stands for its id."""

    def __init__(self, id, keys, lines):
        self.id = id
        self.place = keys.place
        self._keys = keys
        self._parts = []
        self._lines = lines

    def value(self):
        if not self._keys:
            return self._parts
        self._keys["parts"] = self._parts
        return self._keys

    def __getattr__(self, family):
        if family.startswith("__"):
            raise AttributeError(family)
        return Family(self, family)


class Family:
    """`file` of file.managed: a call of its member is one part of the state, and gives the state again."""

    def __init__(self, state, family):
        self._state = state
        self._family = family

    def __call__(self, *unnamed, **arguments):
        place, _ = self._state._lines.call(sys._getframe(1))
        raise prove_report.WrongAt(f"a function has two names, such as {self._family}.managed(...); this call has one",
                                   self._state._lines.path, *place)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*unnamed, **arguments):
            state, function = self._state, f"{self._family}.{name}"
            place, keys_at = state._lines.call(sys._getframe(1))
            if unnamed:
                raise prove_report.WrongAt(f"arguments have names: {function}(name=value)", state._lines.path, *place)
            state._parts.append(Made({"fn": function, **arguments}, place, keys_at))
            return state
        return call
