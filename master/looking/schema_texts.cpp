// JSON Schemas, draft 7. `written_by_a_template` is a text with template syntax in it, which becomes something else.
#include "master/looking/schema_texts.hpp"

namespace prove {

const char* const state_file_schema = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"title": "Prove: a state file",
"type": ["object", "null"],
"properties": {
  "_params": {"type": "object", "description": "parameters of this file and their defaults"},
  "_include": {"description": "state files whose states come before these", "allOf": [{"$ref": "#/definitions/names"}]},
  "_require": {"description": "state files that must be part of the run", "allOf": [{"$ref": "#/definitions/names"}]}
},
"additionalProperties": {"$ref": "#/definitions/state"},
"definitions": {
  "written_by_a_template": {"type": "string", "pattern": "\\$\\{|\\{\\{|\\{%|<%"},
  "output": {"anyOf": [
    {"type": "string"},
    {"type": "object", "required": ["$out"], "properties": {"$out": {"type": "string"}}, "additionalProperties": false}]},
  "text": {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/output"}]},
  "path": {"anyOf": [{"type": "string", "pattern": "^/"}, {"$ref": "#/definitions/written_by_a_template"}, {"$ref": "#/definitions/output"}]},
  "mode": {"anyOf": [{"type": "string", "pattern": "^[0-7]{3,4}$"}, {"$ref": "#/definitions/written_by_a_template"}, {"$ref": "#/definitions/output"}]},
  "boolean": {"anyOf": [{"type": "boolean"}, {"$ref": "#/definitions/written_by_a_template"}, {"$ref": "#/definitions/output"}]},
  "integer": {"anyOf": [{"type": "integer"}, {"$ref": "#/definitions/written_by_a_template"}, {"$ref": "#/definitions/output"}]},
  "duration": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]{1,9}(ms|s|m|h)?$"},
    {"$ref": "#/definitions/written_by_a_template"}, {"$ref": "#/definitions/output"}]},
  "names": {"anyOf": [{"$ref": "#/definitions/text"}, {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/text"}}]},
  "command": {"anyOf": [{"$ref": "#/definitions/text"}, {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/text"}}]},
  "text_map": {"anyOf": [{"type": "object", "additionalProperties": {"$ref": "#/definitions/text"}}, {"$ref": "#/definitions/written_by_a_template"}]},
  "integers": {"anyOf": [{"$ref": "#/definitions/integer"}, {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/integer"}}]},
  "mapping": {"anyOf": [{"type": "object"}, {"$ref": "#/definitions/written_by_a_template"}]},
  "source": {"anyOf": [{"type": "string", "pattern": "^prove://."}, {"$ref": "#/definitions/written_by_a_template"}]},
  "condition": {
    "type": ["string", "boolean", "object"],
    "not": {"enum": ["yes", "no", "on", "off", "y", "n"]},
    "properties": {
      "command": {"$ref": "#/definitions/command"},
      "exists": {"$ref": "#/definitions/path"},
      "missing": {"$ref": "#/definitions/path"},
      "fact": {"type": "string"},
      "changed": {"type": "string"},
      "equals": {"type": "array", "minItems": 2, "maxItems": 2}},
    "additionalProperties": false, "minProperties": 1, "maxProperties": 1},
  "conditions": {
    "if": {"type": "array"},
    "then": {"minItems": 1, "items": {"$ref": "#/definitions/condition"}},
    "else": {"$ref": "#/definitions/condition"}},
  "state_keys": {
    "requires": {"description": "these must have succeeded first: an id, a list, a glob, or file:NAME", "allOf": [{"$ref": "#/definitions/names"}]},
    "lazy": {"description": "run only when asked", "allOf": [{"$ref": "#/definitions/boolean"}]},
    "notify": {"description": "when this made changes, run these", "allOf": [{"$ref": "#/definitions/names"}]},
    "notify_failure": {"description": "when this failed, run these", "allOf": [{"$ref": "#/definitions/names"}]},
    "listen": {"description": "run when one of these made changes; implies lazy", "allOf": [{"$ref": "#/definitions/names"}]},
    "listen_failure": {"description": "run when one of these failed; implies lazy", "allOf": [{"$ref": "#/definitions/names"}]},
    "defer": {"description": "run at the end of the run, once", "allOf": [{"$ref": "#/definitions/boolean"}]},
    "onlyif": {"description": "run only if all succeed", "allOf": [{"$ref": "#/definitions/conditions"}]},
    "unless": {"description": "run only if none succeeds", "allOf": [{"$ref": "#/definitions/conditions"}]},
    "probe": {"description": "booleans that the target answers just before each invocation", "type": "object",
      "maxProperties": 3, "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
      "additionalProperties": {"$ref": "#/definitions/conditions"}},
    "late": {"description": "compile this state when its dependencies are done, with their results", "allOf": [{"$ref": "#/definitions/boolean"}]},
    "retry": {"description": "for each part", "type": "object", "required": ["attempts"],
      "properties": {
        "attempts": {"allOf": [{"$ref": "#/definitions/integer"}]},
        "delay": {"allOf": [{"$ref": "#/definitions/duration"}]},
        "backoff": {"type": "number", "minimum": 1, "maximum": 1000}},
      "additionalProperties": false},
    "timeout": {"description": "for each attempt of each part", "allOf": [{"$ref": "#/definitions/duration"}]},
    "sensitive": {"description": "keep arguments and diffs out of every output", "allOf": [{"$ref": "#/definitions/boolean"}]},
    "verify": {"description": "false: do not prove this part", "allOf": [{"$ref": "#/definitions/boolean"}]},
    "tags": {"description": "choose states by --tags and --skip-tags", "allOf": [{"$ref": "#/definitions/names"}]},
    "description": {"description": "shown in plans and reports", "type": "string"}
  },
  "states": {"type": "object", "additionalProperties": {"$ref": "#/definitions/state"}},
  "long_state": {
    "type": "object",
    "properties": {"parts": {
      "description": "function calls, run in order",
      "if": {"type": "array"},
      "then": {"minItems": 1, "items": {"$ref": "#/definitions/part"}},
      "else": {"$ref": "#/definitions/part"}}},
    "required": ["parts"],
    "additionalProperties": false},
  "state": {
    "description": "a state: its parts, one part, or the long form with keys for the whole state",
    "type": ["array", "object"],
    "if": {"type": "array"},
    "then": {"minItems": 1, "items": {"$ref": "#/definitions/part"}},
    "else": {
      "if": {"required": ["fn"]},
      "then": {"$ref": "#/definitions/part"},
      "else": {"$ref": "#/definitions/long_state"}}}
}
})json";

const char* const sections_schema = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"title": "Prove: prove.yml",
"type": ["object", "null"],
"properties": {
  "options": {"type": "object", "additionalProperties": false, "properties": {
    "executor": {"$ref": "#/definitions/executor"}, "transport": {"$ref": "#/definitions/transport"},
    "parallelism": {"$ref": "#/definitions/parallelism"}, "on_failure": {"$ref": "#/definitions/on_failure"},
    "verify": {"$ref": "#/definitions/verify"}, "max_invocations": {"$ref": "#/definitions/max_invocations"},
    "renderer": {"enum": ["mako", "plain"], "description": "how files ending in .yml are read: rendered first, or as they stand"}}},
  "variables": {"$ref": "#/definitions/variables"},
  "targets": {"type": "array", "items": {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
    "name": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$"},
    "description": {"type": "string"},
    "host": {"type": "string", "description": "where it is; the name where this is left out"},
    "executor": {"$ref": "#/definitions/executor"}, "transport": {"$ref": "#/definitions/transport"},
    "ssh": {"type": "object", "additionalProperties": false, "properties": {
      "user": {"type": "string"}, "port": {"type": "integer", "minimum": 1, "maximum": 65535},
      "identity_file": {"type": "string"}, "become": {"enum": ["sudo", "su", "doas"]}}},
    "roles": {"$ref": "#/definitions/names"}, "states": {"$ref": "#/definitions/names"},
    "variables": {"$ref": "#/definitions/variables"}, "variable_files": {"$ref": "#/definitions/names"},
    "parallelism": {"$ref": "#/definitions/parallelism"}, "on_failure": {"$ref": "#/definitions/on_failure"},
    "verify": {"$ref": "#/definitions/verify"}, "max_invocations": {"$ref": "#/definitions/max_invocations"}}}},
  "groups": {"type": "array", "items": {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
    "name": {"type": "string"}, "description": {"type": "string"},
    "glob": {"$ref": "#/definitions/names"}, "regex": {"type": "string"}, "list": {"$ref": "#/definitions/names"},
    "match": {"type": "string", "description": "a target expression by names, fact: and group:"},
    "executor": {"$ref": "#/definitions/executor"},
    "roles": {"$ref": "#/definitions/names"}, "states": {"$ref": "#/definitions/names"},
    "variables": {"$ref": "#/definitions/variables"}, "variable_files": {"$ref": "#/definitions/names"},
    "parallelism": {"$ref": "#/definitions/parallelism"}, "on_failure": {"$ref": "#/definitions/on_failure"},
    "verify": {"$ref": "#/definitions/verify"}, "max_invocations": {"$ref": "#/definitions/max_invocations"}},
    "oneOf": [{"required": ["glob"]}, {"required": ["regex"]}, {"required": ["list"]}, {"required": ["match"]}]}},
  "roles": {"type": "object", "additionalProperties": {"$ref": "#/definitions/role"}},
  "secrets": {"type": "object", "additionalProperties": false, "required": ["public_key"], "properties": {
    "public_key": {"type": "string", "pattern": "^prove-secret-key-[0-9a-f]{64}$",
                   "description": "what 'prove-cli secret init' wrote here"}}},
  "schedules": {"type": "object", "additionalProperties": {"type": "object", "required": ["targets", "run"],
    "additionalProperties": false, "properties": {
      "description": {"type": "string"}, "targets": {"type": "string"},
      "run": {"enum": ["states plan", "states apply", "cmd"]}, "cmd": {"$ref": "#/definitions/names"},
      "every": {"$ref": "#/definitions/duration"}, "splay": {"$ref": "#/definitions/duration"},
      "expires": {"$ref": "#/definitions/duration"}, "cron": {"type": "string"}, "timezone": {"type": "string"},
      "windows": {"$ref": "#/definitions/names"}, "until": {"type": "string"},
      "at_once": {"type": "integer", "minimum": 1}},
    "oneOf": [{"required": ["every"]}, {"required": ["cron"]}]}}
},
"additionalProperties": false,
"definitions": {
  "names": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
  "variables": {"type": "object",
    "patternProperties": {"\\+$": {"type": "array"}, "!$": {"type": "object"}},
    "additionalProperties": {"if": {"type": "object"}, "then": {"$ref": "#/definitions/variables"}}},
  "duration": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]{1,9}(ms|s|m|h)?$"}]},
  "executor": {"enum": ["agent", "local"], "description": "how it is reached"},
  "transport": {"enum": ["zeromq"]},
  "parallelism": {"type": "integer", "minimum": 1, "description": "invocations at once on one target"},
  "on_failure": {"enum": ["continue", "stop"], "description": "whether independent states go on"},
  "verify": {"type": "boolean", "description": "prove each change by looking again"},
  "max_invocations": {"type": "integer", "minimum": 1, "description": "how often one state may run in one run"},
  "role": {"type": ["object", "null"], "additionalProperties": false, "properties": {
    "description": {"type": "string"}, "components": {"$ref": "#/definitions/names"},
    "states": {"$ref": "#/definitions/names"}, "variables": {"$ref": "#/definitions/variables"},
    "variable_files": {"$ref": "#/definitions/names"}}}
}
})json";

const char* const variables_schema = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"title": "Prove: a variable file",
"if": {"type": "null"}, "else": {"$ref": "#/definitions/variables"},
"definitions": {
  "written_by_a_template": {"type": "string", "pattern": "\\$\\{|\\{\\{|\\{%|<%"},
  "variables": {"type": "object",
    "patternProperties": {
      "\\+$": {"description": "appended to the list below", "anyOf": [{"type": "array"}, {"$ref": "#/definitions/written_by_a_template"}]},
      "!$": {"description": "in place of the mapping below", "anyOf": [{"type": "object"}, {"$ref": "#/definitions/written_by_a_template"}]}},
    "additionalProperties": {"if": {"type": "object"}, "then": {"$ref": "#/definitions/variables"}}}
}
})json";

const char* const component_schema = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"title": "Prove: component.yml",
"type": ["object", "null"],
"properties": {
  "name": {"type": "string", "description": "the name of its folder"},
  "description": {"type": "string"},
  "version": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+){0,2}$", "description": "up to three numbers"},
  "prove": {"$ref": "#/definitions/versions", "description": "the versions of Prove that it works with"},
  "requires": {"description": "components that it cannot do without", "anyOf": [
    {"type": ["string", "null"]}, {"type": "array", "items": {"type": "string"}},
    {"type": "object", "additionalProperties": {"anyOf": [{"type": "null"}, {"$ref": "#/definitions/versions"}]}}]},
  "parameters": {"$ref": "#/definitions/arguments", "description": "its variables; with them there are no others"},
  "functions": {"type": ["object", "null"], "description": "what its programs in functions/ take", "additionalProperties": {
    "type": ["object", "null"], "additionalProperties": false,
    "properties": {"help": {"type": "string"}, "arguments": {"$ref": "#/definitions/arguments"}}}}
},
"additionalProperties": false,
"definitions": {
  "versions": {"type": "string", "pattern": "^ *((<=|>=|<|>|=) *[0-9]+(\\.[0-9]+){0,2} *(, *(?=[<>=])|$))+$|^[0-9]+(\\.[0-9]+){0,2}$"},
  "arguments": {"type": ["object", "null"], "additionalProperties": {
    "type": "object", "additionalProperties": false, "anyOf": [{"required": ["type"]}, {"required": ["choices"]}],
    "properties": {
      "type": {"enum": ["text", "path", "mode", "boolean", "integer", "duration", "text_list", "integer_list",
                        "text_map", "mapping", "list", "any", "choice"]},
      "required": {"type": "boolean"}, "default": {}, "help": {"type": "string"}, "unit": {"type": "string"},
      "choices": {"type": "array", "items": {"type": "string"}}, "sensitive": {"type": "boolean"}}}}
}
})json";

}  // namespace prove
