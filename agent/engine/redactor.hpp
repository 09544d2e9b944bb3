// The last line of defence (S91): "***" in the place of every secret of a run, in whatever it reports. Parts that a
// secret is put into show nothing anyway; but what a secret was written to may be read by another part, a diff of the
// file may show it, a program may print what it was given by somebody else. Values only; used from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/outcome.hpp"
#include "proto/secret_text.hpp"

namespace prove {

class Redactor {
  public:
    Redactor() = default;
    // Secrets of up to three characters are not looked for: they stand in any text. Of one with several lines each
    // longer line is looked for as well, since diffs and logs break texts into lines; and each as JSON writes it.
    explicit Redactor(const SecretTable& secrets);

    std::string text(std::string_view text) const;
    Value value(const Value& value) const;
    void redact(StateInvocation& invocation) const;
    void redact(RunReport& report) const;

    // Bytes that come in pieces: what may be the begin of a secret is held back until it is known.
    class Stream {
      public:
        explicit Stream(const Redactor& redactor) : redactor_(redactor) {}
        std::string next(std::string_view bytes);
        std::string rest();

      private:
        const Redactor& redactor_;
        std::string held_;
    };

  private:
    void redact(StatePartInvocation& part) const;
    std::size_t unfinished(std::string_view text) const;

    std::vector<std::string> wanted_;  // the longest first
};

}  // namespace prove
