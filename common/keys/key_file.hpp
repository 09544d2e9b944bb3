// A key's file, 48 bytes: "PRVKEY1", the kind (1 byte), 32 secret bytes, the first 8 bytes of H over all before. Mode
// 0600 in a 0700 folder of ours; anything wider is refused (S94). The secret goes from the file into protected memory
// without a copy elsewhere.
#pragma once

#include <string>

#include "common/keys/secret.hpp"

namespace prove {

enum class KeyKind : char { sign = 's', transport = 't', seal = 'x' };

// The 32 secret bytes. Throws Error(missing), Error(refused) for who may read it, Error(invalid) for what is in it.
Secret load_key_file(const std::string& path, KeyKind kind);
// Durable on return; makes the folder where it is missing. Throws Error(refused) where the file is there already: a key
// is never written over.
void save_key_file(const std::string& path, KeyKind kind, const Secret& secret);

}  // namespace prove
