// The fixed parts of the JSON Schemas, as JSON.
#pragma once

namespace prove {

// Without definitions/part, which is made from the functions; `state_keys` is what every part and state may have.
const char* state_file_schema_text();
// prove.yml: all sections.
const char* sections_schema_text();
const char* component_schema_text();

}  // namespace prove
