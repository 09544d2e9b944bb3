// The fixed parts of the JSON Schemas, as JSON.
#pragma once

namespace prove {

// Without definitions/part, which is made from the functions; `state_keys` is what every part and state may have.
extern const char* const state_file_schema;
// prove.yml: all sections.
extern const char* const sections_schema;
extern const char* const variables_schema;
extern const char* const component_schema;

}  // namespace prove
