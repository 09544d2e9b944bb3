// libsodium must be initialised before its first use; every file of this room that calls it asks here. Kept apart so
// that no header of the room shows libsodium to others.
#pragma once

namespace prove {

// Initialises libsodium once per process, from any thread. Throws Error(internal) where the machine cannot.
void ensure_sodium();

}  // namespace prove
