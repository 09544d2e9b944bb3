// How an idle agent stays small (A15): what starting up or a job has used is given back to the system.
#pragma once

namespace prove {

// Free memory of the heap, and the pages of programs and libraries that were only needed then: they are clean copies of
// files, and come back from the page cache when they are used again. Takes about a millisecond.
void give_memory_back();

}  // namespace prove
